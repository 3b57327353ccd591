#!/usr/bin/env bash
# Shows how the federation is. See usage().

set -euo pipefail
# shellcheck source=lib.sh
. "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/lib.sh"

readonly WARN_DAYS=30

usage() {
  cat <<TEXT
Usage: $(script status) [OPTION…]

Shows how the federation is, in one look: the control plane's components on the host, which of its certificates ends
first, the members, and where the apps were placed. Exits with 1 when something is not well, and says what; a
certificate is not that ends within $WARN_DAYS days.

Needs kubeconfigs of host and karmada.

Options:
$COMMON_OPTIONS
TEXT
}

FAULTS=()
fault() { FAULTS+=("$*"); }

# look CLUSTER ARGUMENT…: lines that kubectl prints; a cluster that does not answer is a fault.
look() {
  local output
  if $DRY_RUN; then
    change "$@" >&3
  elif output=$(TIMEOUT=30 && kube "$@"); then
    [[ -z $output ]] || printf '%s\n' "$output"
  else
    return 1
  fi
}

components() {
  local federation=$1 output line kind name ready wanted
  output=$(look "$HOST" get deployments,statefulsets --all-namespaces -l "serverless-federation.io/federation=$federation" \
    -o 'go-template={{range .items}}{{.kind}} {{.metadata.namespace}}/{{.metadata.name}} {{with .status}}{{or .readyReplicas 0}}{{else}}0{{end}} {{.spec.replicas}}{{"\n"}}{{end}}') \
    || { fault "the host does not answer" && return; }
  ! $DRY_RUN || return 0
  printf '%-50s %s\n' 'CONTROL PLANE' READY
  [[ -n $output ]] || fault "there is no control plane on the host: run $(script apply) host"
  while read -r kind name ready wanted; do
    [[ -n $kind ]] || continue
    printf '%-50s %s/%s\n' "$name" "$ready" "$wanted"
    ((ready == wanted)) || fault "${kind,,} $name has $ready of $wanted pods ready"
  done <<<"$output"
}

# Certificates that the Job made; those of cert-manager are renewed by it.
certificates() {
  local output name ends seconds first='' soonest=''
  output=$(look "$HOST" get secrets --all-namespaces -l app.kubernetes.io/managed-by=serverless-federation,app.kubernetes.io/component=certificate \
    -o 'go-template={{range .items}}{{.metadata.namespace}}/{{.metadata.name}} {{with .metadata.annotations}}{{with index . "serverless-federation.io/not-after"}}{{.}}{{end}}{{end}}{{"\n"}}{{end}}') \
    || return 0 # components() has said it
  ! $DRY_RUN || return 0
  while read -r name ends; do
    [[ -n $ends ]] || continue
    seconds=$(date -d "$ends" +%s) || { warn "cannot tell when '$ends' is, the end of certificate $name" && continue; }
    if [[ -z $soonest ]] || ((seconds < soonest)); then
      soonest=$seconds first="$name $ends"
    fi
  done <<<"$output"
  [[ -n $first ]] || return 0
  read -r name ends <<<"$first"
  printf '\n%-50s %s\n%-50s %s\n' 'CERTIFICATE THAT ENDS FIRST' ENDS "$name" "$ends"
  ((soonest > $(date +%s) + WARN_DAYS * 86400)) \
    || fault "certificate $name ends on $ends: docs/operations.md says under 'Renewing certificates' what to do"
}

members() {
  local output name mode version ready reason folder
  local -A joined=()
  output=$(look "$KARMADA" get "$CLUSTERS" \
    -o 'go-template={{range .items}}{{.metadata.name}} {{.spec.syncMode}} {{with .status}}{{or .kubernetesVersion "-"}} {{range .conditions}}{{if eq .type "Ready"}}{{.status}} {{.reason}}{{end}}{{end}}{{else}}- Unknown{{end}}{{"\n"}}{{end}}') \
    || { fault "Karmada does not answer" && return; }
  ! $DRY_RUN || return 0
  printf '\n%-50s %-6s %-16s %s\n' MEMBER MODE VERSION READY
  while read -r name mode version ready reason; do
    [[ -n $name ]] || continue
    joined[$name]=$ready
    printf '%-50s %-6s %-16s %s\n' "$name" "$mode" "$version" "${ready:-Unknown}"
    [[ $ready == True ]] || fault "member $name is not ready${reason:+: $reason}"
    [[ -d $DIST/members/$name ]] || fault "member $name is not in the federation file: $(script unjoin) $name takes it out"
  done <<<"$output"
  for folder in "$DIST"/members/*/; do
    [[ -d $folder ]] || continue
    folder=${folder%/}
    name=${folder##*/}
    [[ -v joined[$name] ]] || {
      printf '%-50s %-6s %-16s %s\n' "$name" - - 'not joined'
      fault "member $name is not joined: run $(script join) $name"
    }
  done
}

# For each object that Karmada places a line, and then a line for each member that it is on. What only goes along with
# others, such as an app's Secret, is scheduled nowhere itself.
placements() {
  local output object what kind name scheduled applied cluster health message
  output=$(look "$KARMADA" get resourcebindings.work.karmada.io,clusterresourcebindings.work.karmada.io --all-namespaces \
    -o 'go-template={{range .items}}{{$scheduled := ""}}{{$applied := ""}}{{$on := ""}}{{with .status}}{{$on = .aggregatedStatus}}{{range .conditions}}{{if eq .type "Scheduled"}}{{$scheduled = .status}}{{else if eq .type "FullyApplied"}}{{$applied = .status}}{{end}}{{end}}{{end}}{{if not $scheduled}}{{with .spec.requiredBy}}{{$scheduled = "Along"}}{{end}}{{end}}placed {{.spec.resource.kind}} {{with .spec.resource.namespace}}{{.}}/{{end}}{{.spec.resource.name}} {{$scheduled}},{{$applied}}{{if .spec.clusters}}{{range .spec.clusters}} {{.name}}{{with .replicas}}({{.}}){{end}}{{end}}{{else}}{{range $on}} {{.clusterName}}{{end}}{{end}}{{"\n"}}{{range $on}}on {{.clusterName}} {{or .applied "false"}} {{or .health "Unknown"}} {{or .appliedMessage ""}}{{"\n"}}{{end}}{{end}}') \
    || return 0 # members() has said it
  ! $DRY_RUN || return 0
  printf '\n%-50s %-10s %-8s %s\n' PLACED SCHEDULED APPLIED MEMBERS
  while read -r what kind name scheduled message; do
    case $what in
      placed)
        object="${kind,,} $name"
        IFS=, read -r scheduled applied <<<"$scheduled"
        printf '%-50s %-10s %-8s %s\n' "$object" "${scheduled:-Unknown}" "${applied:-Unknown}" "${message:--}"
        [[ $scheduled == True || $scheduled == Along ]] || fault "$object has no place: no member takes it, or the scheduler does not run"
        [[ $applied == True || $scheduled != [TA]* ]] || fault "$object is not on all of its members"
        ;;
      on)
        cluster=$kind applied=$name health=$scheduled
        [[ $applied == true ]] || fault "$object could not be applied to $cluster${message:+: $message}"
        [[ $health != Unhealthy ]] || fault "$object is not healthy on $cluster"
        ;;
    esac
  done <<<"$output"
}

while (($#)); do common_option "$@" && shift "$TAKEN"; done
((${#ARGS[@]} == 0)) || misuse "takes no arguments, but got '${ARGS[0]}'"
need kubectl
need_kubeconfig "$HOST" "$KARMADA"
exec 3>&1

compgen -G "$DIST/host/*.yaml" >/dev/null || die "there are no manifests in '$DIST/host': \"$SYNTH\" makes them"
files=("$DIST"/host/*.yaml)
federation=$(each_object "${files[0]}" '{{with .metadata.labels}}{{with index . "serverless-federation.io/federation"}}{{.}}{{"\n"}}{{end}}{{end}}' | sort -u)
[[ $federation =~ ^[a-zA-Z0-9._-]+$ ]] || die "'${files[0]}' does not say whose federation it is"

components "$federation"
certificates
members
placements
$DRY_RUN || echo
if ((${#FAULTS[@]})); then
  printf '%s\n' "${FAULTS[@]}" >&2
  exit 1
fi
$DRY_RUN || log "all is well"
