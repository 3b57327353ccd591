# First step of the Job by which a Plan upgrades a node: refuses to take it back or over a minor, which the controller does
# not look at, and then, on an agent, waits for the servers. Runs in the image of k3s-upgrade, with the functions of
# bootstrap/host/releases.sh before it.
#
# Arguments: the release that is wanted, and on an agent the Plan of the servers
# Environment: SYSTEM_UPGRADE_NODE_NAME, which the controller sets
# shellcheck shell=sh
set -eu
PATH=$PATH:/opt # where the image has k3s

wanted=$1
running=$(k3s kubectl get node "$SYSTEM_UPGRADE_NODE_NAME" -o 'jsonpath={.status.nodeInfo.kubeletVersion}')
fault='says no release of its kubelet'
[ -z "$running" ] || fault=$(upgrade_fault "$running" "$wanted")
if [ -n "$fault" ]; then
  message="error: the node $SYSTEM_UPGRADE_NODE_NAME $fault"
  printf '%s\n' "$message" >&2
  # 'kubectl describe pod' shows it, too.
  [ ! -e /dev/termination-log ] || printf '%s' "$message" >/dev/termination-log
  exit 1
fi
[ $# -lt 2 ] || exec upgrade.sh prepare "$2"
