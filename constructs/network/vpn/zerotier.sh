#!/bin/sh
# ZeroTier's client. join.sh follows.
# shellcheck disable=SC2034,SC2154 # join.sh and this file share their variables
set -eu

package=zerotier-one
service=zerotier-one
packages=https://download.zerotier.com
# doc/contact@zerotier.com.gpg of github.com/zerotier/ZeroTierOne has it.
zerotier_key=74A5E9C458E1A431F1DA57A71657198823E52A61

client_version() { zerotier-cli -v 2>/dev/null; }

apt_source() {
  suite=$(os VERSION_CODENAME)
  apt_add "$packages/debian/$suite" "$suite" "$packages/contact%40zerotier.com.gpg" "$zerotier_key"
}

dnf_source() {
  if [ "$(os ID)" = fedora ]; then family='fc'; else family='el'; fi
  version=$(os VERSION_ID)
  dnf_add "$packages/redhat/$family/${version%%.*}" "$packages/contact%40zerotier.com.gpg" "$zerotier_key"
}

# ZeroTier must not take the interfaces of the pod network for ways to its peers, or its traffic goes round in circles.
configure() {
  settings=$root/var/lib/zerotier-one/local.conf
  if [ -s "$settings" ] && ! grep -q '"interfacePrefixBlacklist"' "$settings"; then
    die "$settings has settings of yours: add \"interfacePrefixBlacklist\" with \"cali\", \"vxlan\" and \"flannel\" to them"
  fi
  if [ -s "$settings" ]; then return; fi
  echo '{"settings":{"interfacePrefixBlacklist":["cali","vxlan","tunl","wireguard.cali","flannel","cni","kube-ipvs"]}}' \
    >"$work/local.conf"
  place "$work/local.conf" "$settings"
  systemctl restart zerotier-one
}

# Prints this host's ID once the service has one.
node_id() {
  waited=0
  until node=$(zerotier-cli info 2>/dev/null | awk '$1 == 200 { print $3 }') && [ -n "$node" ]; do
    [ "$waited" -lt "${VPN_TIMEOUT:-120}" ] || die "gave up after $waited s waiting for zerotier-one"
    sleep 1
    waited=$((waited + 1))
  done
  printf '%s' "$node"
}

join() {
  node=$(node_id)
  zerotier-cli join "$VPN_NETWORK" >&2 || die "zerotier-cli could not join"
  zerotier-cli set "$VPN_NETWORK" allowDNS=0 >&2
  if [ -n "${VPN_SERVER:-}" ]; then
    authorize
  else
    log "let the host in at the controller: $node, with the address $VPN_ADDRESS"
  fi
}

# The token goes in a file: a command line is everybody's to read.
authorize() {
  command -v curl >/dev/null || die "needs curl to let the host in at the controller"
  (umask 077 && printf 'X-ZT1-Auth: %s\n' "$(cat "$SECRET_FILE")" >"$work/header")
  printf '{"authorized":true,"noAutoAssignIps":true,"ipAssignments":["%s"]}\n' "$VPN_ADDRESS" >"$work/member"
  curl --fail --silent --show-error --connect-timeout 20 --max-time "${VPN_TIMEOUT:-120}" --output /dev/null --header "@$work/header" --data "@$work/member" \
    -- "$VPN_SERVER/controller/network/$VPN_NETWORK/member/$node" \
    || die "the controller at $VPN_SERVER did not let the host in"
}

address_hint() {
  device=$(zerotier-cli listnetworks 2>/dev/null | awk -v network="$VPN_NETWORK" '$3 == network { print $(NF - 1) }')
  if [ -n "$device" ] && [ "$device" != "$VPN_INTERFACE" ]; then
    printf '%s' "The interface is $device here: write that as 'interface'."
  else
    printf '%s' "Let the host in at the controller of $VPN_NETWORK, with this address."
  fi
}

mtu_hint() { printf '%s' "set the network's mtu at its controller."; }
