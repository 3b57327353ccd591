#!/bin/sh
# Runs an action of remote.sh on a host over SSH. Used by the bootstrap Job of a host and by the scripts alike. Plain sh,
# for the Job's image may have no bash.
#
# Everything the host gets, the join token and other secrets included, goes through the connection's standard input:
# nothing of it stands on a command line, here or there. After it a dot goes there every ten seconds; without them the
# host knows that the connection is lost, and ends what runs.
#
# Environment:
#   HOST_DIR      settings of the host, a file each: address, port, user, jump, and what remote.sh reads
#   REMOTE_SCRIPT path of remote.sh
#   ACTION        bootstrap if missing, or uninstall
#   OUT_DIR       where the kubeconfig and the token of a first server go
#   TOKEN_FILE    the join token; of a first server only where there is one
#   SECRETS_DIR   secrets, a file each; may be missing
#   SSH_DIR       ssh-privatekey and known_hosts; without it, the user's own SSH configuration holds
# shellcheck disable=SC2154 # settings are variables
set -eu
umask 077

log() { printf '%s\n' "$*" >&2; }

die() {
  log "error: $*"
  exit 1
}

# Sets a variable to a setting of the host: setting VARIABLE NAME
setting() { IFS= read -r "$1" <"$HOST_DIR/$2" || true; } # its line may have no end

# For the host: unpacks as many bytes as the first argument says, and runs the action that is the second while it watches
# the rest of standard input. Removes all again, however it ends.
# shellcheck disable=SC2016 # expanded on the host
unpack_and_run='
umask 077
dir=$(mktemp -d) || exit 1
trap "rm -rf \"$dir\"" EXIT
trap "exit 129" HUP INT PIPE TERM
timeout 60 head -c "$1" >"$dir/bundle" || exit 1
tar -xf "$dir/bundle" -C "$dir" || exit 1
rm "$dir/bundle"
if [ "$(id -u)" -eq 0 ]; then sh "$dir/remote.sh" guard "$dir" "$2"; else sudo -n sh "$dir/remote.sh" guard "$dir" "$2"; fi'

setting address address
setting port port
setting user user
setting timeout ready-timeout
action=${ACTION:-bootstrap}
work=$(mktemp -d)
sender=
trap 'rm -rf "$work"; [ -z "$sender" ] || kill "$sender" 2>/dev/null || true' EXIT
trap 'exit 129' HUP INT TERM

mkdir "$work/bundle" "$work/bundle/host" "$work/bundle/secrets" "$work/out"
cp "$HOST_DIR"/* "$work/bundle/host/"
date +%s >"$work/bundle/host/now"
cp "$REMOTE_SCRIPT" "$work/bundle/remote.sh"
if [ -n "${TOKEN_FILE:-}" ]; then
  [ -s "$TOKEN_FILE" ] || [ -s "$HOST_DIR/first" ] || die "the join token '$TOKEN_FILE' is missing or empty"
  [ ! -s "$TOKEN_FILE" ] || cp "$TOKEN_FILE" "$work/bundle/token"
fi
if [ -n "${SECRETS_DIR:-}" ]; then
  for file in "$SECRETS_DIR"/*; do
    if [ -f "$file" ]; then cp "$file" "$work/bundle/secrets/"; fi
  done
fi
tar -C "$work/bundle" -cf "$work/bundle.tar" .
size=$(($(wc -c <"$work/bundle.tar")))

# In a file, for a jump host is reached by another ssh, which takes over nothing else. What stands first holds.
{
  if [ -n "${SSH_DIR:-}" ]; then
    printf 'IdentityFile "%s"\nIdentitiesOnly yes\n' "$SSH_DIR/ssh-privatekey"
    printf 'UserKnownHostsFile "%s"\nGlobalKnownHostsFile /dev/null\n' "$SSH_DIR/known_hosts"
  fi
  printf '%s\n' 'BatchMode yes' 'StrictHostKeyChecking yes' 'ServerAliveInterval 10' 'ServerAliveCountMax 3' \
    'ControlMaster no' 'ControlPath none' "ConnectTimeout $((timeout < 20 ? timeout : 20))"
  [ -n "${SSH_DIR:-}" ] || printf '%s\n' "Include ~/.ssh/config" 'Include /etc/ssh/ssh_config'
} >"$work/ssh_config"
set -- -F "$work/ssh_config" -p "$port" -l "$user"
way=$address
if [ -s "$HOST_DIR/jump" ]; then
  setting jump jump
  set -- "$@" -J "$jump"
  way="$address over $jump"
fi

log "connecting to $way"
mkfifo "$work/input"
{ cat "$work/bundle.tar" && while sleep 10; do printf .; done; } >"$work/input" 2>/dev/null &
sender=$!
status=0 limit=$((10 * timeout + 60))
# Each wait there is bounded by itself; this is for a host that lets one in and then does nothing.
timeout "$limit" ssh "$@" -- "$address" "exec sh -c '$unpack_and_run' sh $size $action" <"$work/input" >"$work/result" || status=$?
case $status in
  0) ;;
  124) die "$address did not come to an end within $limit s" ;;
  255) die "no connection to $way: is it up, is its host key in known_hosts, may this key log in?" ;;
  *) die "the $action of $address failed with status $status" ;;
esac

if [ -s "$work/result" ]; then
  tar -xf "$work/result" -C "$work/out" kubeconfig token || die "what $address sent back is no kubeconfig and token"
  mv -f "$work/out/kubeconfig" "$work/out/token" "$OUT_DIR/"
fi
