#!/usr/bin/env bash
# Runs the end-to-end test, or a command of it, in namespaces of its own.
set -euo pipefail

usage() {
  cat <<'EOF'
Usage: test/e2e/run.sh [VITEST-ARGUMENT…]
       test/e2e/run.sh validate DIR…     apply every manifest of DIR to a real API server, strictly, as a dry run
       test/e2e/run.sh exec COMMAND…     run a command in the sandbox, with the servers on its PATH

Builds the servers (test/e2e/servers), then starts a federation out of them: control planes with etcd, Karmada's own
components, members with simulated nodes. Everything runs in network, process and mount namespaces of its own: no port,
address, process or file of this machine is in its way, and nothing is left when it ends, however it ends, but the limit
of inotify instances, where that was too low (machine.sh).

Needs Linux, root and more; says first what this machine lacks for what is to run (machine.sh).

Without a name, all files of tests run, in two sandboxes side by side, for they wait a good deal; what the second one
prints comes at the end.

Environment:
  E2E_KEEP=1        keep the logs of a run that passed, too
  E2E_RESULTS=DIR   when all files run: where vitest's results go, as JSON, a file for each sandbox
  E2E_FEDERATIONS=N how many random federations Karmada and the simulation place (default 12)
  E2E_SEED=N        the seed of the first of them; each has the next one (default 1)
  E2E_RECORD=FILE   keep what Karmada did with each of them (see simulation/replay.ts)
EOF
}

if [[ ${1:-} == --help || ${1:-} == -h ]]; then
  usage
  exit 0
fi

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

# lane NAME [OPTION…]: the arguments of this script for one of the sandboxes that together run everything.
LANE=()
lane() {
  LANE=(federation simulation)
  [[ $1 == story ]] || LANE=(--exclude '**/federation.test.ts' --exclude '**/simulation.test.ts')
  [[ -z ${E2E_RESULTS:-} ]] || LANE+=(--reporter=verbose --reporter=json "--outputFile.json=$E2E_RESULTS/e2e-$1.json")
  LANE+=("${@:2}")
}

# built PART: builds what a folder here builds, unless it is there, and prints where. One at a time: two builds side by
# side do the same work twice.
built() {
  local lock="${XDG_CACHE_HOME:-$HOME/.cache}/serverless-federation/building.lock"
  mkdir -p "${lock%/*}"
  flock --nonblock "$lock" true || echo 'waiting for another build to end' >&2
  flock "$lock" "$here/$1/build.sh"
}

names_nothing() {
  local argument
  for argument in "$@"; do [[ $argument == -* ]] || return 1; done
}

if [[ ${1:-} == lane ]]; then
  lane "${@:2}"
  set -- "${LANE[@]}"
elif names_nothing "$@"; then
  "$here/machine.sh" hosts vpn node wasm
  built servers >/dev/null
  built wasm >/dev/null
  printed=$(mktemp)
  trap 'rm -f "$printed"' EXIT
  setpriv --pdeathsig TERM "$here/run.sh" lane rest "$@" >"$printed" 2>&1 &
  rest=$!
  setpriv --pdeathsig TERM "$here/run.sh" lane story "$@" &
  story=$!
  trap 'kill "$rest" "$story" 2>/dev/null; wait; exit 143' INT TERM
  status=0
  wait "$story" || status=$?
  wait "$rest" || status=$?
  cat "$printed"
  exit "$status"
fi

# What is asked for may not need everything; the Wasm shim, and Rust, are for one file of tests.
case ${1:-} in
  validate | exec | diff* | manifests* | federation* | simulation* | optional*) needs=() ;;
  bootstrap*) needs=(hosts) ;;
  vpn*) needs=(hosts vpn) ;;
  real-node*) needs=(node) ;;
  *) needs=(hosts vpn node wasm) ;;
esac
"$here/machine.sh" "${needs[@]}"
E2E_BIN=$(built servers)
if [[ ${needs[*]} == *wasm* ]]; then
  E2E_WASM=$(built wasm)
  export E2E_WASM
fi
E2E_RUN=$(mktemp -d "${TMPDIR:-/tmp}/serverless-federation-e2e.XXXXXX")
export E2E_BIN E2E_RUN

# What a real node leaves when the sandbox dies: control groups, and containers' files, which are large. Both can go when
# the last process has gone.
# shellcheck disable=SC2317 # the trap calls it
remove_node() {
  for _ in {1..100}; do
    if rm -rf "$E2E_RUN/kubelet" 2>/dev/null \
      && find /sys/fs/cgroup -depth -type d -path "*/${E2E_RUN##*/}*" -exec rmdir {} + 2>/dev/null; then
      return
    fi
    sleep 0.1
  done
  echo "left behind: $E2E_RUN/kubelet, /sys/fs/cgroup/*/${E2E_RUN##*/}" >&2
}
trap remove_node EXIT

# The sandbox dies with this script (pdeathsig), and everything in it with the sandbox (--kill-child on its first process).
setpriv --pdeathsig KILL unshare --mount --net --pid --uts --ipc --fork --kill-child --mount-proc \
  "$here/sandbox.sh" "$@" &
sandbox=$!
trap 'kill -KILL "$sandbox" 2>/dev/null; exit 130' INT
trap 'kill -KILL "$sandbox" 2>/dev/null; exit 143' TERM
status=0
wait "$sandbox" || status=$?

if ((status == 0)) && [[ -z ${E2E_KEEP:-} ]]; then
  rm -rf "$E2E_RUN"
else
  echo "logs: $E2E_RUN/logs" >&2
fi
exit "$status"
