#!/usr/bin/env bash
# First process of the sandbox that run.sh makes: gives it a network, its own /etc/hosts, and runs the command.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
mkdir -p "$E2E_RUN/logs"
export PATH="$E2E_BIN:$PATH"
export HOME="$E2E_RUN/home" # no kubeconfig, cache or plug-in of the user
mkdir -p "$HOME"

# One bridge is the whole world; pods of the host cluster and of members hang on it. It has a hardware address of its
# own: else it would take the lowest of what hangs on it, and lose connections whenever that changes.
ip link set lo up
ip link add e2e address 02:00:00:00:00:01 type bridge
ip address add 172.30.0.1/16 dev e2e
ip link set e2e up

# The harness writes names into this file; every process here sees it as /etc/hosts.
printf '127.0.0.1 localhost\n' >"$E2E_RUN/hosts"
mount --bind "$E2E_RUN/hosts" /etc/hosts

cd "$here/../.."
case ${1:-} in
  validate) shift && set -- node --import tsx "$here/validate.ts" "$@" ;;
  exec) shift ;;
  *) set -- npx vitest run --config "$here/vitest.config.ts" "$@" ;;
esac

# This shell stays the first process, to reap what loses its parent.
status=0
"$@" || status=$?
exit "$status"
