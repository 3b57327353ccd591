#!/usr/bin/env bash
# A login session on a machine of its own, as far as files go: sshd forces this command, which runs what the client
# asked for in a mount namespace whose /etc, /var, /run, /tmp, /usr/local and /usr/share/keyrings are folders of the
# test. The rest of /usr is this machine's, and only to read.
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
mount --options remount,bind,ro "$root/usr"
mount --bind "$folder/local" "$root/usr/local"
if [[ -d /usr/share/keyrings ]]; then mount --bind "$folder/keyrings" "$root/usr/share/keyrings"; fi
mount --rbind /proc "$root/proc"
mount --rbind /dev "$root/dev"
if [[ ! -d $root/sys/fs ]]; then mount -t sysfs sysfs "$root/sys"; fi
mount --bind "$folder/cgroup" "$root/sys/fs/cgroup"
exec chroot --userspec="$user:$user" "$root" /usr/bin/env -i \
  PATH=/usr/local/bin:/usr/local/busybox:/usr/bin:/bin HOME=/root sh -c "$SSH_ORIGINAL_COMMAND"
