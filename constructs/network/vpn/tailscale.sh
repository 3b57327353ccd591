#!/bin/sh
# Tailscale's client, with the vendor's control server or Headscale. join.sh follows.
# shellcheck disable=SC2034,SC2154 # join.sh and this file share their variables
set -eu

package=tailscale
service=tailscaled
# github.com/tailscale/tailscale issue 13284 shows it.
tailscale_key=2596A99EAAB33821893C0A79458CA832957F5868
packages=https://pkgs.tailscale.com/stable

client_version() { tailscale version 2>/dev/null | head -n 1; }

apt_source() {
  distribution=$(os ID) suite=$(os VERSION_CODENAME)
  case $distribution in
    debian | ubuntu | raspbian) ;;
    *) die "has no packages for '$distribution': install tailscale $VPN_VERSION here yourself, then run this again" ;;
  esac
  apt_add "$packages/$distribution" "$suite" "$packages/$distribution/$suite.noarmor.gpg" "$tailscale_key"
}

dnf_source() {
  version=$(os VERSION_ID)
  if [ "$(os ID)" = fedora ]; then repository=$packages/fedora; else repository=$packages/rhel/${version%%.*}; fi
  # shellcheck disable=SC2016 # dnf's variable
  dnf_add "$repository/"'$basearch' "$repository/repo.gpg" "$tailscale_key"
}

# The client makes its interface with 1280 bytes unless this says otherwise (net/tstun/mtu.go).
configure() {
  setting=$root/etc/systemd/system/tailscaled.service.d/10-mtu.conf changed=
  if [ "$VPN_MTU" -ne 1280 ]; then
    printf '%s\n' '[Service]' "Environment=TS_DEBUG_MTU=$VPN_MTU" >"$work/mtu"
    place "$work/mtu" "$setting"
  elif [ -e "$setting" ]; then
    rm "$setting"
    changed=true
  fi
  if [ -n "$changed" ]; then
    systemctl daemon-reload
    systemctl restart tailscaled
  fi
}

# Without the VPN's DNS: with ndots 5 pods try every name below the search domains first, and a wildcard record of the
# VPN's domain would answer all of them.
join() {
  set -- --accept-dns=false --hostname="$VPN_HOSTNAME"
  present=$(tailscale ip 2>/dev/null || true)
  if [ -z "$present" ]; then
    if [ -n "${VPN_SERVER:-}" ]; then set -- "$@" --login-server="$VPN_SERVER"; fi
    tailscale up --reset --timeout="${VPN_TIMEOUT:-120}s" --auth-key="file:$SECRET_FILE" "$@" >&2 \
      || die "tailscale could not join"
  elif printf '%s\n' "$present" | grep -qxF -- "$VPN_ADDRESS"; then
    timeout "${VPN_TIMEOUT:-120}" tailscale set "$@" >&2
    # Without an option it keeps its settings; with one, even --timeout, it wants all of them said again.
    has_address || timeout "${VPN_TIMEOUT:-120}" tailscale up >&2 || die "tailscale does not come up"
  else
    die "is in a tailnet as $(printf '%s' "$present" | head -n 1), not as $VPN_ADDRESS. $(address_hint)" \
      "Or write the address that it has as this host's vpnIp"
  fi
}

# k3s reads name=value pairs with a comma between (pkg/vpn of k3s-io/k3s), so the key must hold neither.
leave_to_k3s() {
  auth_key=$(cat "$SECRET_FILE")
  case $auth_key in
    '' | *[!A-Za-z0-9_-]*) die "the key is empty, or has other characters than letters, digits, _ and -" ;;
  esac
  server=${VPN_SERVER:+,controlServerURL=$VPN_SERVER}
  (
    umask 077
    printf 'name=tailscale,joinKey=%s%s,extraArgs=--accept-dns=false --hostname=%s' \
      "$auth_key" "$server" "$VPN_HOSTNAME" >"$work/vpn-auth"
    place "$work/vpn-auth" "$root/etc/rancher/k3s/vpn-auth"
  )
}

address_hint() { printf '%s' "Have the control server give the host this address."; }
mtu_hint() { printf '%s' "restart tailscaled."; }
