#!/bin/sh
# Stand-in for k3s's installer: notes how it was called and installs the stand-in for k3s in place of the binary.
set -eu
printf 'installer version=%s exec=%s skip-start=%s skip-download=%s releases=%s arguments=%s\n' "$INSTALL_K3S_VERSION" \
  "$INSTALL_K3S_EXEC" "$INSTALL_K3S_SKIP_START" "$INSTALL_K3S_SKIP_DOWNLOAD" "${GITHUB_URL:-}" "$*" >>/var/stand-in/calls
if [ "$INSTALL_K3S_SKIP_DOWNLOAD" != true ]; then
  printf '%s\n' "$INSTALL_K3S_VERSION" >/var/stand-in/version
  cp /var/stand-in/k3s /usr/local/bin/k3s
fi
mkdir -p /etc/systemd/system
if [ "$INSTALL_K3S_EXEC" = server ]; then name=k3s; else name=k3s-agent; fi
touch "/etc/systemd/system/$name.service"
echo '[INFO]  as talkative on standard output as the real one'
