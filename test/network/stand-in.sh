#!/bin/sh
# Stands in for the programs that the VPN scripts call on a host, under whose names it is linked. Records every call in
# $STATE/calls and keeps what it simulates in $STATE: `installed` (version of the client), `addresses` (on the VPN's
# interface), `down` (there where the client is stopped) and `assigned` (what joining gives).
set -eu

name=${0##*/}
printf '%s %s\n' "$name" "$*" >>"$STATE/calls"

# Prints the one line of a file; false where it is empty.
line_of() {
  line=
  read -r line <"$1" || [ -n "$line" ] && echo "$line"
}

# The key that a client reads from the file it is told of.
read_key() { line_of "$1" >"$STATE/key"; }
join() { line_of "$STATE/assigned" >"$STATE/addresses"; }

case $name in
  ip)
    if [ ! -e "$STATE/down" ] && line_of "$STATE/addresses" >/dev/null; then
      echo "7: vpn0    inet $line/32 scope global vpn0"
    fi
    ;;
  tailscale)
    case $1 in
      version) line_of "$STATE/installed" && echo '  go version: go1.26' ;;
      ip) line_of "$STATE/addresses" ;;
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
      version) line_of "$STATE/installed" ;;
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
      -v) line_of "$STATE/installed" ;;
      info) echo '200 info 9935981b1e 1.16.2 ONLINE' ;;
      join) join ;;
      listnetworks) echo "200 listnetworks 8056c2e21c000001 my net 02:aa:bb:cc:dd:ee OK PRIVATE $(line_of "$STATE/device") -" ;;
    esac
    ;;
  apt-get | dnf)
    case "$*" in
      *' install '*=* | *' install '*-[0-9]*) arguments=$* && echo "${arguments##*[=-]}" >"$STATE/installed" ;;
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
