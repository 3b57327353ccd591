#!/bin/sh
# Stand-in for k3s's installer: notes how it was called and installs the stand-in for k3s in place of the binary. Like
# the real one it takes the service's environment from its own. Installers since February 2026 read
# INSTALL_K3S_ARTIFACT_URL, older ones GITHUB_URL.
set -eu
printf 'installer version=%s exec=%s skip-start=%s skip-download=%s releases=%s arguments=%s\n' "$INSTALL_K3S_VERSION" \
  "$INSTALL_K3S_EXEC" "$INSTALL_K3S_SKIP_START" "$INSTALL_K3S_SKIP_DOWNLOAD" \
  "${GITHUB_URL:-}${INSTALL_K3S_ARTIFACT_URL:+ $INSTALL_K3S_ARTIFACT_URL}" "$*" >>/var/stand-in/calls
if [ "$INSTALL_K3S_SKIP_DOWNLOAD" != true ]; then
  printf '%s\n' "$INSTALL_K3S_VERSION" >/var/stand-in/version
  cp /var/stand-in/k3s /usr/local/bin/k3s
fi
if [ "$INSTALL_K3S_EXEC" = server ]; then name=k3s; else name=k3s-agent; fi
if [ -x /sbin/openrc-run ]; then
  service=/etc/init.d/$name environment=/etc/rancher/k3s/$name.env
  mkdir -p /etc/init.d
  printf 'command_args="%s\n    >>/var/log/%s.log 2>&1"\n' "$INSTALL_K3S_EXEC" "$name" >"$service"
  ln -sf /var/stand-in/log "/var/log/$name.log"
else
  service=/etc/systemd/system/$name.service environment=/etc/systemd/system/$name.service.env
  mkdir -p /etc/systemd/system
  printf 'ExecStart=/usr/local/bin/k3s \\\n    %s \\\n' "$INSTALL_K3S_EXEC" >"$service"
fi
env | grep -Ei '^(NO|HTTP|HTTPS)_PROXY' >"$environment" || true
cat >"/usr/local/bin/$name-uninstall.sh" <<UNINSTALL
#!/bin/sh
kill -- "-\$(cat /var/stand-in/main-pid-$name)"
echo uninstall >>/var/stand-in/calls
rm -rf "$service" "$environment" /etc/rancher/k3s /var/lib/rancher/k3s /usr/local/bin/k3s "\$0"
UNINSTALL
chmod 755 "/usr/local/bin/$name-uninstall.sh"
echo '[INFO]  as talkative on standard output as the real one'
