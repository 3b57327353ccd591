#!/usr/bin/env bash
# A login session on a machine of its own, as far as files go: sshd forces this command, which runs what the client
# asked for in a mount namespace whose /etc, /var, /run, /tmp and /usr/local are folders of the test.
# Usage: session.sh FOLDER [USER]
set -euo pipefail

folder=$1 user=${2:-0}
if [[ ${3:-} != inside ]]; then
  become=()
  if [[ $(id -u) -ne 0 ]]; then become=(--map-root-user); fi
  exec unshare "${become[@]}" --mount -- "${BASH_SOURCE[0]}" "$folder" "$user" inside
fi

root=$folder/root
mount --rbind /usr "$root/usr"
mount --bind "$folder/local" "$root/usr/local"
mount --rbind /proc "$root/proc"
mount --rbind /dev "$root/dev"
exec chroot --userspec="$user:$user" "$root" /usr/bin/env -i \
  PATH=/usr/local/bin:/usr/bin:/bin HOME=/root sh -c "$SSH_ORIGINAL_COMMAND"
