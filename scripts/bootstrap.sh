#!/usr/bin/env bash
# Makes hosts into k3s nodes from here, over SSH. See usage().

set -euo pipefail
here=$(readlink -f "${BASH_SOURCE[0]}")
# shellcheck source=lib.sh
. "${here%/*}/lib.sh"
# shellcheck source=lib-hosts.sh
. "${here%/*}/lib-hosts.sh"

usage() {
  cat <<TEXT
Usage: $(script bootstrap) [OPTION…] HOST…
       $(script bootstrap) [OPTION…] --all

Makes hosts into k3s nodes over SSH, with the settings and the scripts that dist/bootstrap holds for its Jobs: the way
without a management cluster. Clusters are made side by side; in each, the servers come one after the other and the
agents after them, whatever their order here. A host that fails stops no other cluster; at the end a table says which
hosts are up. Running it again changes nothing where k3s runs already with its configuration and version.

HOST is the name of a host in federation.yaml. SSH must reach it without a question: with a key that may log in, and its
host key in known_hosts. Your own SSH configuration holds, but for the address, the port, the user and the jump host.

The kubeconfig and the join token of a cluster go to CLUSTER.kubeconfig and CLUSTER.token in the kubeconfig folder, for
your eyes only. The hosts that join a cluster need that token. Where it is there already, so is the cluster: a first
server without data then joins another one, and never starts the cluster anew.

Options:
  --all                        all hosts of all clusters
  --adopt                      take over a k3s that a host runs already; its configuration is kept beside the new one
  --parallel NUMBER            hosts at a time (default: $PARALLEL)
$HOST_OPTIONS
  --dry-run                    print what would be run and each host's configuration, and run nothing
  -h, --help                   this text
TEXT
}

# bootstrap NAME: one host, in a slot of its own.
bootstrap() {
  local name=$1 cluster=${CLUSTER_OF[$1]} token slot
  token=$(token_of "$cluster")
  log "$name: $(setting_of "$name" kind) of the cluster '$cluster', k3s $(setting_of "$name" version)"
  if [[ -z $(setting_of "$name" first) && ! -s $token ]]; then
    host_fault "$name" "$(no_token "$cluster")"
    return
  fi
  ! $ADOPT || echo true >"${SETTINGS_OF[$name]}/adopt"
  read -r -n 1 -u "$SLOTS" slot
  if on_host "$name" bootstrap TOKEN_FILE="$token" && keep_access "$name" "$cluster"; then
    : >"$WORK/up/$name"
  fi
  printf '%s' "$slot" >&"$SLOTS"
  [[ -e $WORK/up/$name ]]
}

# keep_access NAME CLUSTER: what a first server has handed over.
keep_access() {
  local out=$WORK/out/$1
  [[ -e $out/kubeconfig ]] || return 0
  mkdir -p "$KUBECONFIG_DIR" || return
  # Made with the mode 0600, and moved so that no half file is ever there.
  mv -f "$out/kubeconfig" "$KUBECONFIG_DIR/$2.kubeconfig" && mv -f "$out/token" "$KUBECONFIG_DIR/$2.token" || return
  log "wrote $KUBECONFIG_DIR/$2.kubeconfig and $2.token"
}

# bootstrap_cluster CLUSTER: its servers one by one, for a cluster bears the loss of one at most; then its agents.
bootstrap_cluster() {
  local name failed=''
  for name in "${WANTED[@]}"; do
    [[ ${CLUSTER_OF[$name]} == "$1" && $(setting_of "$name" kind) == server ]] || continue
    if [[ -n $failed ]]; then
      host_fault "$name" "left alone, for the server '$failed' of its cluster is not up"
    else
      bootstrap "$name" || failed=$name
    fi || true
  done
  for name in "${WANTED[@]}"; do
    [[ ${CLUSTER_OF[$name]} == "$1" && $(setting_of "$name" kind) == agent ]] || continue
    bootstrap "$name" &
  done
  wait
}

# Each cluster is a process group of its own, so that all of it can be ended.
bootstrap_all() {
  local cluster
  local -A seen=()
  set -m
  for name in "${WANTED[@]}"; do
    cluster=${CLUSTER_OF[$name]}
    [[ -z ${seen[$cluster]-} ]] || continue
    seen[$cluster]=true
    (
      set +m
      bootstrap_cluster "$cluster"
    ) </dev/null &
  done
  set +m
  wait
}

end_all() {
  local group
  for group in $(jobs -p); do kill -- "-$group" 2>/dev/null || true; done
  exit 130
}

# What is up and what is not, on standard error as all that is said; fails where something is not.
report() {
  local name failed=0
  log ''
  for name in "${WANTED[@]}"; do
    if [[ -e $WORK/up/$name ]]; then
      log "$(printf '%-10s %-30s %-8s up' "${CLUSTER_OF[$name]}" "$name" "$(setting_of "$name" kind)")"
    else
      failed=$((failed + 1))
      log "$(printf '%-10s %-30s %-8s failed: %s' "${CLUSTER_OF[$name]}" "$name" "$(setting_of "$name" kind)" \
        "$(cat "$WORK/faults/$name" 2>/dev/null || echo 'see above')")"
    fi
  done
  ((failed == 0)) || die "$failed of ${#WANTED[@]} hosts are not up"
}

umask 077
ALL=false ADOPT=false PARALLEL=8
while (($#)); do
  case $1 in
    --all) ALL=true && shift ;;
    --adopt) ADOPT=true && shift ;;
    --parallel | --parallel=*)
      take_value "$@" && shift "$TAKEN"
      [[ $VALUE =~ ^[1-9][0-9]{0,3}$ ]] || misuse "--parallel '$VALUE' is not a number of hosts"
      PARALLEL=$VALUE
      ;;
    *) host_option "$@" && shift "$TAKEN" ;;
  esac
done
! $ALL || ((${#ARGS[@]} == 0)) || misuse "give either hosts or --all"
need kubectl ssh tar timeout
WORK=$(mktemp -d)
trap 'rm -rf "$WORK"' EXIT
read_hosts
if $ALL; then
  WANTED=("${HOSTS[@]}")
  ((${#WANTED[@]})) || {
    log "$NO_HOSTS"
    exit 0
  }
else
  ((${#ARGS[@]} > 0)) || misuse "which hosts? There are: ${HOSTS[*]:-none}"
  for name in "${ARGS[@]}"; do need_host "$name"; done
  WANTED=()
  for name in "${HOSTS[@]}"; do
    if [[ " ${ARGS[*]} " == *" $name "* ]]; then WANTED+=("$name"); fi
  done
fi

if $DRY_RUN; then
  declare -A MADE=()
  for name in "${WANTED[@]}"; do
    cluster=${CLUSTER_OF[$name]}
    log "$name: $(setting_of "$name" kind) of the cluster '$cluster', k3s $(setting_of "$name" version)"
    show_ssh "$name" bootstrap
    setting_of "$name" config.yaml | sed 's/^/# /'
    [[ -z $(setting_of "$name" first) ]] || MADE[$cluster]=true
    [[ -n ${MADE[$cluster]-} || -s $(token_of "$cluster") ]] || log "$name: missing: $(no_token "$cluster")"
    lacking "$name" | sed "s/^/$name: missing: /" >&2
  done
  exit
fi
mkdir "$WORK/up" "$WORK/faults"
mkfifo "$WORK/slots"
exec {SLOTS}<>"$WORK/slots"
printf '%*s' "$PARALLEL" '' | tr ' ' . >&"$SLOTS"
trap end_all INT TERM HUP
bootstrap_all
report
