#!/usr/bin/env bash
# Takes a host out of its cluster, or has another machine take its place. See usage().

set -euo pipefail
here=$(readlink -f "${BASH_SOURCE[0]}")
# shellcheck source=lib.sh
. "${here%/*}/lib.sh"
# shellcheck source=lib-hosts.sh
. "${here%/*}/lib-hosts.sh"

usage() {
  cat <<TEXT
Usage: $(script host) [OPTION…] remove HOST
       $(script host) [OPTION…] replace HOST

remove   takes a host out of its cluster: drains it, takes its member out of etcd, uninstalls k3s over SSH, and deletes
         its node and the password that the servers know it by. Take it out of federation.yaml afterwards.
replace  for a host that is gone, or came back without its data: deletes its node, its member of etcd and its password,
         then bootstraps the machine that has its place now, as $(script bootstrap) does. What that needs must be
         there: the cluster's join token, and the secrets of the host.

HOST is the name of a host in federation.yaml; dist/bootstrap must still hold it. The cluster is reached by its kubeconfig,
CLUSTER.kubeconfig in the kubeconfig folder. A server is let go only where etcd keeps its quorum without it, and the last
one never. Where volumes are on HOST alone, such as those of k3s's local-path, nothing is removed before you say that
they may be lost. Running it again goes on where an earlier run stopped.

Options:
  --gone                       the host to remove is gone for good: nothing is done on it
  --lose-volumes               remove it with the volumes that are on it
  --kubeconfig FILE            kubeconfig of the host's cluster
  --context NAME               context in that file (default: the file's current one)
$HOST_OPTIONS
  --dry-run                    print what would be run, and run nothing
  -h, --help                   this text
TEXT
}

readonly ETCD_ROLE=node-role.kubernetes.io/etcd SERVER_ROLE=node-role.kubernetes.io/control-plane
# k3s takes a member out of etcd by the first of these annotations, and says so with the second, in the place of the
# third, which a member that is there has (pkg/etcd/member_controller.go of k3s-io/k3s).
readonly REMOVE_MEMBER=etcd.k3s.cattle.io/remove REMOVED_MEMBER=etcd.k3s.cattle.io/removed-node-name
readonly MEMBER=etcd.k3s.cattle.io/node-name

# nodes: one line for each node of the cluster: its name, the status of its Ready, whether it is a server, a member of etcd.
nodes() {
  kube "$CLUSTER" "${THERE[@]}" get nodes -o "go-template={{range .items}}{{.metadata.name}} {{range .status.conditions}}{{if eq .type \"Ready\"}}{{.status}}{{end}}{{end}} {{with index .metadata.labels \"$SERVER_ROLE\"}}{{.}}{{else}}-{{end}} {{with index .metadata.labels \"$ETCD_ROLE\"}}{{.}}{{else}}-{{end}}{{\"\\n\"}}{{end}}"
}

# volumes: one line for each volume that is on the host alone: the namespace and the name of its claim.
volumes() {
  kube "$CLUSTER" "${THERE[@]}" get pv -o "go-template={{range .items}}{{\$claim := .spec.claimRef}}{{with .spec.nodeAffinity}}{{range .required.nodeSelectorTerms}}{{range .matchExpressions}}{{if eq .key \"kubernetes.io/hostname\"}}{{range .values}}{{if eq . \"$NAME\"}}{{with \$claim}}{{.namespace}}/{{.name}}{{else}}(unclaimed){{end}}{{\"\n\"}}{{end}}{{end}}{{end}}{{end}}{{end}}{{end}}{{end}}"
}

# see_to_volumes: those of a host that is there are lost only where somebody has said so.
see_to_volumes() {
  local found
  found=$(volumes) || die "cannot list the volumes of the cluster '$CLUSTER'"
  [[ -n $found ]] || return 0
  found=${found//$'\n'/, }
  if $GONE || [[ ${ARGS[0]} == replace ]]; then
    warn "volumes were on '$NAME' alone, and their data is gone: $found. Delete their claims, for pods wait for them, or find them empty on a new machine of this name"
  else
    $LOSE_VOLUMES || die "volumes are on '$NAME' alone, and go with it: $found. Back them up, then give --lose-volumes"
  fi
}

# look: sets what is known of the node and of the rest of the cluster.
look() {
  local name ready server member
  READY='' IS_MEMBER=false MEMBERS=0 MEMBERS_UP=0 OTHER_SERVERS=()
  while read -r name ready server member; do
    if [[ $name == "$NAME" ]]; then
      READY=$ready
      [[ $member != true ]] || IS_MEMBER=true
    elif [[ $server == true && $ready == True ]]; then
      OTHER_SERVERS+=("$name")
    fi
    [[ $member == true ]] || continue
    MEMBERS=$((MEMBERS + 1))
    [[ $name == "$NAME" || $ready != True ]] || MEMBERS_UP=$((MEMBERS_UP + 1))
  done <<<"$1"
}

# go_around: reaches the API by another server than the one that goes, if it is one.
go_around() {
  local name url errors others=()
  [[ $(setting_of "$NAME" kind) == server ]] || return 0
  for name in "${HOSTS[@]}"; do
    [[ $name != "$NAME" && ${CLUSTER_OF[$name]} == "$CLUSTER" ]] || continue
    url=$(setting_of "$name" url)
    [[ -n $url ]] || continue
    THERE=(--server "$url")
    if $DRY_RUN || errors=$(ask_there); then return; fi
    others+=("$name, $url: ${errors##*$'\n'}")
  done
  ((${#others[@]})) || die "'$NAME' is the only server of the cluster '$CLUSTER' in federation.yaml: with it the cluster is gone. $LAST_WAY"
  die "no other server of the cluster '$CLUSTER' answers by '$(kubeconfig_of "$CLUSTER")':$(printf '\n  %s' "${others[@]}")
Is it the cluster's kubeconfig, and is this machine in the VPN where there is one?"
}

# ask_there: fails, and prints why, where the API server does not answer.
ask_there() {
  local TIMEOUT=$((TIMEOUT < 10 ? TIMEOUT : 10))
  { kube "$CLUSTER" "${THERE[@]}" get --raw /readyz >/dev/null; } 2>&1
}

# need_quorum NUMBER: ends the script where fewer of the other members of etcd are up.
need_quorum() {
  ! $IS_MEMBER || ((MEMBERS_UP >= $1)) \
    || die "etcd of the cluster '$CLUSTER' has $MEMBERS members, and only $MEMBERS_UP beside '$NAME' are up: $1 must be, or it loses its quorum. Bring the others up first, or restore it (docs.k3s.io/datastore/backup-restore)"
}

# leave_etcd: has the servers take the member out of etcd, and waits until they have.
leave_etcd() {
  if $DRY_RUN; then
    [[ $(setting_of "$NAME" kind) == server ]] && (($(setting_of "$NAME" servers) > 1)) || return 0
  elif ! $IS_MEMBER; then
    return
  fi
  change "$CLUSTER" "${THERE[@]}" annotate node "$NAME" --overwrite "$REMOVE_MEMBER=true"
  $DRY_RUN || wait_until "$TIMEOUT" "'$NAME' to leave etcd" member_is_removed
}

member_is_removed() {
  [[ -n $(kube "$CLUSTER" "${THERE[@]}" get node "$NAME" \
    -o "go-template={{with .metadata.annotations}}{{if not (index . \"$MEMBER\")}}{{with index . \"$REMOVED_MEMBER\"}}{{.}}{{end}}{{end}}{{end}}") ]]
}

# drain: moves the pods. Of a node that is not Ready, nobody tells when they have ended.
drain() {
  local options=(--ignore-daemonsets --delete-emptydir-data --force "--timeout=${TIMEOUT}s")
  $DRY_RUN || [[ $READY == True ]] || options+=(--skip-wait-for-delete-timeout=1)
  change "$CLUSTER" "${THERE[@]}" drain "$NAME" "${options[@]}" \
    || die "could not drain '$NAME': pods of it are still there, see above. It takes no new ones until 'kubectl uncordon $NAME'"
}

# forget: deletes what the cluster knows of the host.
forget() {
  change "$CLUSTER" "${THERE[@]}" delete node "$NAME" --ignore-not-found "--timeout=${TIMEOUT}s"
  change "$CLUSTER" "${THERE[@]}" delete secret "$NAME.node-password.k3s" --namespace kube-system --ignore-not-found
}

remove() {
  # One member less, and a majority of those that are left.
  $DRY_RUN || need_quorum $(((MEMBERS - 1) / 2 + 1))
  $DRY_RUN || see_to_volumes
  if $DRY_RUN || [[ -n $READY ]]; then
    drain
    leave_etcd
  fi
  if $GONE; then
    :
  elif $DRY_RUN; then
    show_ssh "$NAME" uninstall
  else
    on_host "$NAME" uninstall || die "could not uninstall k3s on '$NAME': is it gone for good? Then give --gone"
  fi
  forget
  $DRY_RUN || log "'$NAME' is out of the cluster '$CLUSTER': take it out of federation.yaml, too"
  # Others have joined by its address, and the kubeconfig has it.
  $DRY_RUN || [[ -z $(setting_of "$NAME" first) ]] \
    || log "it was the cluster's first server: then synthesize, and bootstrap the others of the cluster"
}

replace() {
  [[ $READY != True ]] || die "'$NAME' is Ready: it is not gone. To take it out, use 'remove'"
  # What stops the bootstrap must not do so once the cluster has forgotten the host.
  local lacks message
  mapfile -t lacks < <(
    [[ -s $(token_of "$CLUSTER") ]] || no_token "$CLUSTER"
    lacking "$NAME"
  )
  if ((${#lacks[@]})); then
    message="the bootstrap of '$NAME' lacks:$(printf '\n  %s' "${lacks[@]}")"
    if $DRY_RUN; then warn "$message"; else die "$message"; fi
  fi
  # The members that are there must agree to let it go.
  $DRY_RUN || need_quorum $((MEMBERS / 2 + 1))
  $DRY_RUN || see_to_volumes
  leave_etcd
  forget
  run "$SCRIPTS/bootstrap.sh" "${BOOTSTRAP[@]}" "$NAME"
}

umask 077
BOOTSTRAP=() GONE=false LOSE_VOLUMES=false
while (($#)); do
  case $1 in
    --gone) GONE=true && shift && continue ;;
    --lose-volumes) LOSE_VOLUMES=true && shift && continue ;;
  esac
  before=("$@")
  host_option "$@"
  shift "$TAKEN"
  # What bootstrap.sh takes as well.
  case ${before[0]} in
    --ssh-dir* | --secrets-dir* | --kubeconfig-dir* | --dist* | --timeout*) BOOTSTRAP+=("${before[@]:0:TAKEN}") ;;
  esac
done
[[ ${#ARGS[@]} == 2 && ${ARGS[0]} =~ ^(remove|replace)$ ]] || misuse "give 'remove' or 'replace', and a host"
[[ ${ARGS[0]} == remove ]] || ! { $GONE || $LOSE_VOLUMES; } \
  || misuse "'replace' is for a host that is gone anyway: leave --gone and --lose-volumes out"
NAME=${ARGS[1]} THERE=()
need kubectl ssh tar timeout
WORK=$(mktemp -d)
trap 'rm -rf "$WORK"' EXIT
read_hosts
need_host "$NAME"
CLUSTER=${CLUSTER_OF[$NAME]}
case ${ARGS[0]} in
  remove) LAST_WAY="To give the cluster up, run k3s-uninstall.sh on it" ;;
  replace) LAST_WAY="Bring its data back (docs.k3s.io/datastore/backup-restore); or, for an empty cluster, delete '$KUBECONFIG_DIR/$CLUSTER.token' and its kubeconfig, and run $(script bootstrap) $NAME" ;;
esac
main_cluster "$CLUSTER"
need_kubeconfig "$CLUSTER"
go_around
READY='' IS_MEMBER=false
if ! $DRY_RUN; then
  listed=$(nodes) || die "cannot list the nodes of the cluster '$CLUSTER'"
  look "$listed"
fi
"${ARGS[0]}"
