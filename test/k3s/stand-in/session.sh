#!/bin/sh
# A login session on a machine of its own, as far as files go: sshd forces this command, in a mount namespace, and it runs
# what the client asked for where /etc, /var, /run, /tmp, /usr/local and /usr/share/keyrings are folders of the test.
# FOLDER/fstab says what else is there: the rest of /usr is this machine's, and only to read.
# Usage: session.sh FOLDER USER
set -eu

mount --all --fstab "$1/fstab"
exec chroot --userspec="$2:$2" "$1/root" /usr/bin/env -i \
  PATH=/usr/local/bin:/usr/local/busybox:/usr/bin:/bin HOME=/root sh -c "$SSH_ORIGINAL_COMMAND"
