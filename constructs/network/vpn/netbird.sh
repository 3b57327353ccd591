#!/bin/sh
# NetBird's client. join.sh follows.
# shellcheck disable=SC2034,SC2154 # join.sh and this file share their variables
set -eu

package=netbird
service=netbird
packages=https://pkgs.netbird.io

client_version() { netbird version 2>/dev/null; }

# The fingerprints are those of github.com/netbirdio/public-keys.
apt_source() {
  apt_add "$packages/debian" stable "$packages/debian/public.key" EFE37DF047DF7CCDF1FC54FA83F79AD029778355
}

dnf_source() {
  dnf_add "$packages/yum/" "$packages/yum/repodata/repomd.xml.key" AA9C09AA9DEA2F58112B40DFDFFEAB2FD267A61F
}

configure() { :; }

# NetBird must not take the interfaces of the pod network for ways to its peers, or its traffic goes round in circles.
# Settings change at `up` alone, and that does nothing where it is up.
join() {
  if [ -n "$(addresses)" ]; then timeout "${VPN_TIMEOUT:-120}" netbird down >&2; fi
  set -- --setup-key-file "$SECRET_FILE" --hostname "$VPN_HOSTNAME" --interface-name "$VPN_INTERFACE" \
    --mtu "$VPN_MTU" --disable-dns --extra-iface-blacklist cali,vxlan,tunl,wireguard.cali,flannel,cni,kube-ipvs
  if [ -n "${VPN_SERVER:-}" ]; then set -- "$@" --management-url "$VPN_SERVER"; fi
  # It tries a key that is refused again for two minutes, and only then says why (client/internal/auth/auth.go).
  timeout $((${VPN_TIMEOUT:-120} + 30)) netbird up "$@" >&2 || die "netbird could not join"
}

address_hint() { printf '%s' "Give the peer this address at NetBird's dashboard."; }
mtu_hint() { printf '%s' "leave the interface to NetBird."; }
