#!/usr/bin/env bash
# Says what the kernel of this machine lacks for the end-to-end test, all at once, and raises a limit that is often too low
# for it: what runs beside one another here needs more inotify instances than the usual 128, and kubelet and containerd
# fail without a word of that ("too many open files").
#
# Usage: machine.sh [all]     all: what only some of the tests need, too
set -euo pipefail

lacks=()
# lack COMMAND… WHAT: notes what is missing where a command fails.
lack() { "${@:1:$#-1}" >/dev/null 2>&1 || lacks+=("${!#}"); }

lack unshare --mount --net --pid --uts --ipc --fork --mount-proc true \
  "namespaces: root may not make them here, as in most containers"
lack unshare --net ip link add probe type bridge "bridges of networks ('modprobe bridge')"
lack unshare --net ip link add probe type veth peer name other "pairs of network interfaces ('modprobe veth')"
if [[ ${1:-} == all ]]; then
  lack test -c /dev/net/tun "/dev/net/tun, for the VPN ('modprobe tun')"
  lack sh -c 'grep -qw overlay /proc/filesystems || modprobe overlay' "overlay file systems, for the Wasm node"
fi
if ((${#lacks[@]})); then
  printf 'the end-to-end test needs, and this machine lacks:\n' >&2
  printf '  %s\n' "${lacks[@]}" >&2
  exit 1
fi

limit=/proc/sys/fs/inotify/max_user_instances
enough=1024
current=$(<"$limit")
if ((current < enough)); then
  if echo "$enough" 2>/dev/null >"$limit"; then
    echo "raised fs.inotify.max_user_instances from $current to $enough, until this machine restarts" >&2
  else
    echo "warning: fs.inotify.max_user_instances is $current, which may be too few: 'sysctl -w fs.inotify.max_user_instances=$enough'" >&2
  fi
fi
