#!/bin/sh
# remote.sh: what the bootstrap does on a host, as root. The synth joins the files of this folder to it, in the order of
# scripts.ts; entry.sh, the last of them, says how it is called. Safe to run again: where k3s runs with these settings,
# nothing is written and nothing restarts. Plain sh, for the host may have no bash.
#
# DIR/host/ holds one file per setting:
#   cluster, node     names of the cluster and of the node
#   kind              server or agent
#   version           release of k3s
#   config.yaml       becomes /etc/rancher/k3s/config.yaml
#   files             more files for k3s: "SOURCE DESTINATION" a line, SOURCE below DIR; "@secret:NAME@" in one of
#                     DIR/host stands for the text of DIR/secrets/NAME inside the quotes of a YAML text
#   environment       NAME=value a line: for k3s's service, its installer and the downloads
#   ready             Ready: wait until the node is; Registered: until the API server knows it
#   ready-timeout     seconds that each wait and each download may take
#   settle            seconds that k3s must have run for before it counts as up
#   upgrade-by        plans: leave another version that already runs to system-upgrade-controller
#   installer-url, installer-sha256, installer-releases, installer-skip-download, installer-images    see install.sh
#   cgroup-v1, wireguard, ports    see checks.sh
#   immutable, adopt, now          see ownership.sh and checks.sh
#   first, peers      see membership.sh
#   servers, url      how many the cluster has; where this one's API is, for scripts/host.sh
#   labels, taints, nodes    see nodes.sh
#   kubeconfig-server on a first server: address in the kubeconfig that it hands over
#   before-NAME.sh    steps to run before k3s is installed, in the order of their names, such as joining a VPN
#   before-NAME.env   environment of such a step, NAME=value a line
#   secret-NAME       where the secret NAME comes from; not for here
#   manifest-NAME.yaml    on a first server: what its nodes need to become Ready, such as a pod network
# DIR/secrets/NAME holds a secret; a step gets the path of the one of its name as SECRET_FILE.
# DIR/token holds the cluster's join token, on a first server only where there is one.
#
# Standard output is a tar of the kubeconfig and the token, or empty. All else goes to standard error.
# shellcheck disable=SC2034,SC2154 # the parts share their variables
set -eu
umask 077

log() { printf '%s: %s\n' "${node:-bootstrap}" "$*" >&2; }

die() {
  log "error: $*"
  exit 1
}

# Sets a variable to the first line of a file, or to nothing where that is not there: read_line VARIABLE FILE
read_line() {
  [ -f "$2" ] || set -- "$1" /dev/null
  IFS= read -r "$1" <"$2" || true # the line may have no end
}

# Sets a variable to a setting, or to nothing where it is not given: setting VARIABLE NAME
setting() { read_line "$1" "$dir/host/$2"; }

required() {
  [ -s "$dir/host/$2" ] || die "the setting '$2' is missing"
  setting "$1" "$2"
}

setting_is() {
  setting value "$1"
  [ "$value" = "$2" ]
}

# Repeats a command until it succeeds; fails when the time is over: try_for SECONDS WHAT COMMAND...
try_for() {
  limit=$1 what=$2 said=
  shift 2
  IFS=. read -r since _ </proc/uptime
  until "$@"; do
    IFS=. read -r now _ </proc/uptime
    waited=$((now - since))
    [ "$waited" -lt "$limit" ] || return 1
    if [ $((waited / 30)) != "$said" ]; then log "waiting for $what"; fi
    said=$((waited / 30))
    sleep 1
  done
}

# Sets `seconds` to what a time such as 2026-01-31T12:00:00Z is since 1970; busybox's date takes it without the letters.
read_time() {
  time=${1%Z}
  seconds=$(date -u -d "${time%T*} ${time#*T}" +%s)
}

# Makes a folder that all may look into, where it is missing.
open_folder() { [ -d "$1" ] || (umask 022 && mkdir -p "$1"); }

wait_for() { try_for "$@" || die "gave up after $1 s waiting for $2"; }

download() {
  if command -v curl >/dev/null; then
    curl --fail --silent --show-error --location --connect-timeout 20 --max-time "$timeout" --output "$2" -- "$1"
  elif command -v wget >/dev/null; then
    timeout "$timeout" wget -q -O "$2" -- "$1"
  else
    die "found neither curl nor wget, install one of them"
  fi
}

# The processes of sessions, whatever groups they are in. What has ended already is none, though it is listed still.
processes_of() {
  cat /proc/[0-9]*/stat 2>/dev/null | awk -v sessions=" $* " \
    '{ pid = $1; sub(/.*\) /, ""); if ($1 != "Z" && index(sessions, " " $4 " ")) printf "%s ", pid }'
}
