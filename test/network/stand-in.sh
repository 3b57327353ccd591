#!/bin/sh
# Stands in for the programs that the VPN scripts call on a host, under whose names it is linked. Records every call in
# $STATE/calls and keeps what it simulates in $STATE: `installed` (version of the client), `addresses` (on the VPN's
# interface), `down` (there where the client is stopped) and `assigned` (what joining gives).
set -eu

name=${0##*/}
printf '%s %s\n' "$name" "$*" >>"$STATE/calls"

# The key that a client reads from the file it is told of.
read_key() { cat "$1" >"$STATE/key"; }
join() { cat "$STATE/assigned" >"$STATE/addresses"; }

case $name in
  ip)
    [ -e "$STATE/down" ] || [ ! -s "$STATE/addresses" ] || sed 's|.*|7: vpn0    inet &/32 scope global vpn0|' "$STATE/addresses"
    ;;
  tailscale)
    case $1 in
      version) [ -s "$STATE/installed" ] && cat "$STATE/installed" && echo '  go version: go1.26' ;;
      ip) [ -s "$STATE/addresses" ] && cat "$STATE/addresses" ;;
      up)
        # Once joined, it takes all of its settings or none, unless it is to forget those not said.
        case $* in
          up | 'up --reset '*) rm -f "$STATE/down" ;;
          *) exit 1 ;;
        esac
        for argument; do
          case $argument in --auth-key=file:*) read_key "${argument#--auth-key=file:}" ;; esac
        done
        join
        ;;
    esac
    ;;
  netbird)
    case $1 in
      version) [ -s "$STATE/installed" ] && cat "$STATE/installed" ;;
      down) : >"$STATE/addresses" ;;
      up)
        # Where it is up, it looks at no setting, and says that all is well.
        if [ -s "$STATE/addresses" ]; then
          echo 'Already connected'
          exit
        fi
        read_key "$3"
        join
        ;;
    esac
    ;;
  zerotier-cli)
    case $1 in
      -v) [ -s "$STATE/installed" ] && cat "$STATE/installed" ;;
      info) echo '200 info 9935981b1e 1.16.2 ONLINE' ;;
      join) join ;;
      listnetworks) echo "200 listnetworks 8056c2e21c000001 my net 02:aa:bb:cc:dd:ee OK PRIVATE $(cat "$STATE/device") -" ;;
    esac
    ;;
  apt-get | dnf)
    case "$*" in
      *' install '*=* | *' install '*-[0-9]*) printf '%s' "$*" | sed 's/.*[=-]\([0-9.]*\)$/\1/' >"$STATE/installed" ;;
    esac
    ;;
  gpg)
    for last; do :; done
    case "$*" in *--export*) echo "key $last" ;; esac
    ;;
  curl)
    while [ $# -gt 0 ]; do
      if [ "$1" = --output ]; then echo downloaded >"$2"; fi
      shift
    done
    ;;
esac
