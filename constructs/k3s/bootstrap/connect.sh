#!/bin/sh
# Runs remote.sh on a host over SSH. Used by the bootstrap Job of a host and by scripts/bootstrap.sh alike. Plain sh,
# for the Job's image has no bash.
#
# Everything the host gets, the join token and other secrets included, goes through the connection's standard input:
# nothing of it stands on a command line, here or there.
#
# Environment:
#   HOST_DIR      settings of the host, a file each: address, port, user and what remote.sh reads
#   REMOTE_SCRIPT path of remote.sh
#   OUT_DIR       where the kubeconfig and the token of a first server go
#   TOKEN_FILE    the join token; not for a first server
#   SECRETS_DIR   secrets of the steps, a file each; may be missing
#   SSH_DIR       ssh-privatekey and known_hosts; without it, the user's own SSH configuration holds
set -eu
umask 077

log() { printf '%s\n' "$*" >&2; }

die() {
  log "error: $*"
  exit 1
}

# Unpacks what comes over standard input and runs it as root. Removes it again, however it ends.
# shellcheck disable=SC2016 # expanded on the host
unpack_and_run='
umask 077
dir=$(mktemp -d) || exit 1
trap "rm -rf \"$dir\"" EXIT
trap "exit 129" HUP INT PIPE TERM
tar -xf - -C "$dir" || exit 1
if [ "$(id -u)" -eq 0 ]; then sh "$dir/remote.sh" "$dir"; else sudo -n sh "$dir/remote.sh" "$dir"; fi'

address=$(cat "$HOST_DIR/address")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 129' HUP INT TERM

mkdir "$work/bundle" "$work/bundle/host" "$work/bundle/secrets" "$work/out"
for file in "$HOST_DIR"/*; do cp "$file" "$work/bundle/host/"; done
cp "$REMOTE_SCRIPT" "$work/bundle/remote.sh"
if [ -n "${TOKEN_FILE:-}" ]; then
  [ -s "$TOKEN_FILE" ] || die "the join token '$TOKEN_FILE' is missing or empty"
  cp "$TOKEN_FILE" "$work/bundle/token"
fi
if [ -n "${SECRETS_DIR:-}" ]; then
  for file in "$SECRETS_DIR"/*; do
    if [ -f "$file" ]; then cp "$file" "$work/bundle/secrets/"; fi
  done
fi

set -- -p "$(cat "$HOST_DIR/port")" -l "$(cat "$HOST_DIR/user")" \
  -o BatchMode=yes -o ConnectTimeout=20 -o ServerAliveInterval=15 -o ServerAliveCountMax=8
if [ -n "${SSH_DIR:-}" ]; then
  set -- -F /dev/null -i "$SSH_DIR/ssh-privatekey" -o IdentitiesOnly=yes \
    -o StrictHostKeyChecking=yes -o UserKnownHostsFile="$SSH_DIR/known_hosts" -o GlobalKnownHostsFile=/dev/null "$@"
else
  set -- -o StrictHostKeyChecking=yes "$@"
fi

log "connecting to $address"
status=0
tar -C "$work/bundle" -cf - . | ssh "$@" -- "$address" "exec sh -c '$unpack_and_run'" >"$work/result" || status=$?
if [ "$status" -eq 255 ]; then
  die "no connection to $address: is it up, is its host key in known_hosts, may this key log in?"
fi
[ "$status" -eq 0 ] || die "the bootstrap of $address failed with status $status"

if [ -s "$work/result" ]; then
  tar -xf "$work/result" -C "$work/out" kubeconfig token || die "what $address sent back is no kubeconfig and token"
  mv -f "$work/out/kubeconfig" "$work/out/token" "$OUT_DIR/"
fi
