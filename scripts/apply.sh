#!/usr/bin/env bash
# Applies the synthesized manifests of a target to its API server. See usage().

set -euo pipefail
here=$(readlink -f "${BASH_SOURCE[0]}")
# shellcheck source=lib.sh
. "${here%/*}/lib.sh"

usage() {
  cat <<TEXT
Usage: $(script apply) [OPTION…] TARGET…

Applies dist/TARGET to the API server that it is for, file by file in their order, server-side, and waits in between
for what the next file may need: workloads come up side by side, but before a Job. Running it again changes nothing, but
starts a Job anew that failed.

TARGET        is applied to     and waited for are
  bootstrap   management        Jobs, when all files are applied: they run side by side
  host        host              CRDs, Jobs, HelmCharts, Deployments, StatefulSets, DaemonSets
  members/M   the member M      the same
  members     every member      the same
  karmada     karmada           CRDs: what else is there are templates, which the members run
  argocd      argocd            CRDs; the Applications in dist/argocd/applications are synced by Argo CD itself

The second column names the cluster, and so the kubeconfig (argocd.kubeconfig and so on).

Options:
  --prune                      afterwards delete what an earlier dist/TARGET held and this one does not
  --list-stale                 apply nothing: print what --prune would delete, and what it would keep, a line each
  --force-conflicts            take fields over that somebody else has set
$COMMON_OPTIONS

--prune looks for the labels that the objects of dist/TARGET carry, the target's among them, and lists what it deletes;
with --dry-run it only lists (that alone asks the cluster). It never deletes Namespaces, CustomResourceDefinitions,
APIServices, Secrets and volumes: it names them, for you to look at.
TEXT
}

cluster_of() {
  case $1 in
    bootstrap) echo "$MANAGEMENT" ;;
    host) echo "$HOST" ;;
    karmada) echo "$KARMADA" ;;
    argocd) echo "$ARGOCD" ;;
    members/*) echo "${1#members/}" ;;
  esac
}

# One line for each object: kind, apiVersion, namespace or "-", name.
readonly OBJECT='{{.kind}} {{.apiVersion}} {{or .metadata.namespace "-"}} {{.metadata.name}}{{"\n"}}'

# objects FILE: such a line for each object of a file, or of all in a folder.
objects() { each_object "$1" "$OBJECT" | sed '/^$/d'; }

# read_objects FILE…: sets OBJECTS to the objects of files, by file. One kubectl reads them all, for it takes longer to start
# than to read: an object that is none stands before each file.
read_objects() {
  local file listed line
  OBJECTS=()
  if listed=$(
    for file in "$@"; do
      printf -- '---\napiVersion: v1\nkind: File\nmetadata: { name: file }\n---\n%s\n' "$(<"$file")"
    done | print_each - "$OBJECT" 2>/dev/null
  ); then
    while IFS= read -r line; do
      if [[ $line == 'File v1 - file' ]]; then
        file=$1
        shift
        OBJECTS[$file]=''
      elif [[ -n $line ]]; then
        OBJECTS[$file]+=${OBJECTS[$file]:+$'\n'}$line
      fi
    done <<<"$listed"
  else
    # One by one, it says which of them is broken.
    for file in "$@"; do OBJECTS[$file]=$(objects "$file"); done
  fi
}

apply_file() {
  local command=("${KUBECTL[@]}" apply --server-side "--field-manager=$FIELD_MANAGER" -f "$(as_one "$1")")
  ! $FORCE || command+=(--force-conflicts)
  run "${command[@]}" || die "'$1' was not taken"
}

# job_state NAMESPACE NAME: prints Complete, Failed or nothing yet.
job_state() {
  local conditions
  conditions=$("${KUBECTL[@]}" get job "$2" -n "$1" --ignore-not-found \
    -o 'jsonpath={.status.conditions[?(@.status=="True")].type}') || return 0
  [[ ! $conditions =~ Complete|Failed ]] || printf '%s\n' "${BASH_REMATCH[0]}"
}

# A Job never starts again by itself once it has failed, and applying it unchanged does nothing.
delete_if_failed() {
  if [[ $(job_state "$1" "$2") == Failed ]]; then
    log "job $1/$2 had failed: starting it anew"
    "${KUBECTL[@]}" delete job "$2" -n "$1" >&2
  fi
}

# job_ended NAMESPACE NAME: sets ENDED to its state.
job_ended() {
  ENDED=$(job_state "$1" "$2")
  [[ -n $ENDED ]]
}

wait_for_job() {
  wait_until "$TIMEOUT" "job $1/$2 to complete" job_ended "$1" "$2"
  if [[ $ENDED == Failed ]]; then
    log "the end of its log:"
    "${KUBECTL[@]}" logs -n "$1" -l "batch.kubernetes.io/job-name=$2" --all-containers --prefix --tail=30 >&2 || true
    die "job $1/$2 failed"
  fi
}

# none_leaving NAMESPACE DEPLOYMENT: none of its pods is on its way out.
none_leaving() {
  local labels leaving
  labels=$("${KUBECTL[@]}" get "deployment/$2" -n "$1" \
    -o 'go-template={{range $key, $value := .spec.selector.matchLabels}}{{$key}}={{$value}},{{end}}') || return
  leaving=$("${KUBECTL[@]}" get pods -n "$1" -l "${labels%,}" \
    -o 'go-template={{range .items}}{{with .metadata.deletionTimestamp}}{{.}}{{end}}{{end}}') && [[ -z $leaving ]]
}

wait_for_rollout() {
  local kind=$1 namespace=$2 name=$3
  local reason
  if { reason=$("${KUBECTL[@]}" rollout status "$kind/$name" -n "$namespace" "--timeout=${TIMEOUT}s" 2>&1 >&3); } 3>&2; then
    # Pods that leave still answer on open connections: a webhook would judge what comes next by its earlier flags.
    # A pod on a node that is lost never leaves, which must not stop the rest.
    [[ $kind != deployment ]] || (wait_until 60 "earlier pods of $namespace/$name to leave" none_leaving "$namespace" "$name") \
      || warn "going on all the same"
    return
  fi
  "${KUBECTL[@]}" get pods -n "$namespace" -o wide >&2 || true
  "${KUBECTL[@]}" describe "$kind/$name" -n "$namespace" 2>&1 | tail -n 20 >&2 || true
  # It may have ended long before the time was over, as when a Deployment exceeds its progress deadline.
  die "$kind $namespace/$name was not rolled out within ${TIMEOUT}s: ${reason#error: }"
}

# wait_for TARGET OBJECTS: waits until each is ready for what comes after it.
wait_for() {
  local target=$1 object kind api namespace name
  local -a objects
  mapfile -t objects <<<"$2"
  for object in "${objects[@]}"; do
    read -r kind api namespace name <<<"$object"
    case $target:$kind:$api in
      *:CustomResourceDefinition:*)
        awaited "$kind $name to be established" || continue
        "${KUBECTL[@]}" wait --for=condition=Established "crd/$name" "--timeout=${TIMEOUT}s" >&2 \
          || die "waited ${TIMEOUT}s for CRD $name to be established"
        ;;
      karmada:* | argocd:*) ;;
      *:Job:batch/*)
        awaited "$kind $namespace/$name to complete" || continue
        wait_for_job "$namespace" "$name"
        ;;
      *:HelmChart:helm.cattle.io/*)
        awaited "$kind $namespace/$name to be installed" || continue
        # k3s installs a chart by a Job of this name.
        wait_for_job "$namespace" "helm-install-$name"
        ;;
      *:Deployment:*)
        if [[ $name == "$AGENT" || $name == "$ESTIMATOR"-* ]]; then
          log "$name starts when $(script join) has given it its kubeconfig: not waiting for it"
          continue
        fi
        ;;&
      *:Deployment:apps/* | *:StatefulSet:apps/* | *:DaemonSet:apps/*)
        awaited "$kind $namespace/$name to be rolled out" || continue
        wait_for_rollout "${kind,,}" "$namespace" "$name"
        ;;
    esac
  done
}

# awaited WHAT: in a dry run says it and fails.
awaited() {
  $DRY_RUN || return 0
  echo "# waits for $1"
  return 1
}

apply_target() {
  local target=$1 file object kind api namespace name workloads others later=''
  local -a objects
  kubectl_for "$(cluster_of "$target")"
  $DRY_RUN || reach "$(cluster_of "$target")"
  local -a files=("$DIST/$target"/*.yaml)
  # Argo CD's own settings come before what is judged by them.
  [[ $target != argocd ]] || ! has_manifests "$DIST/argocd/settings" || files=("$DIST"/argocd/settings/*.yaml "${files[@]}")
  read_objects "${files[@]}"
  for file in "${files[@]}"; do
    log "applying ${file#"$DIST/"}"
    if [[ $target != bootstrap && $'\n'${OBJECTS[$file]} == *$'\nJob '* ]]; then
      wait_for "$target" "$later" # a Job works with what came before it
      later=''
    fi
    mapfile -t objects <<<"${OBJECTS[$file]}"
    workloads='' others=''
    for object in "${objects[@]}"; do
      read -r kind api namespace name <<<"$object"
      [[ $kind != Job ]] || $DRY_RUN || delete_if_failed "$namespace" "$name"
      case $kind in
        Deployment | StatefulSet | DaemonSet) workloads+=$object$'\n' ;;
        *) others+=$object$'\n' ;;
      esac
    done
    apply_file "$file"
    # What may come up side by side is waited for later: workloads, and all Jobs of the bootstrap.
    if [[ $target == bootstrap ]]; then
      later+=$workloads$others
    else
      later+=$workloads
      wait_for "$target" "$others"
    fi
  done
  wait_for "$target" "$later"
}

# What a prune leaves alone. The first hold what others may still need; the rest are not ours, though they inherit
# labels from ours (endpoints, pods) or belong to other scripts (clusters) or to Karmada itself (works, bindings).
readonly KEPT='namespaces|customresourcedefinitions\.apiextensions\.k8s\.io|apiservices\.apiregistration\.k8s\.io|secrets|persistentvolumeclaims|persistentvolumes'
readonly FOREIGN='nodes|pods|endpoints|endpointslices\.discovery\.k8s\.io|events|events\.events\.k8s\.io|clusters\.cluster\.karmada\.io|.*\.work\.karmada\.io'

# identities: from objects() on standard input, what names an object whatever version it is asked for in.
identities() { sed -E 's,^([^ ]+) (([^ /]+)/)?[^ /]+ ,\1.\3 ,; s,^([^ ]+)\. ,\1 ,' | sort -u; }

# stale SELECTOR WANTED RESOURCE…: objects with these labels that are not wanted; those that another object owns go with it.
stale() {
  local found IFS=,
  found=$("${KUBECTL[@]}" get "${*:3}" --all-namespaces -l "$1" --ignore-not-found -o 'go-template={{range .items}}{{if not .metadata.ownerReferences}}{{.kind}} {{.apiVersion}} {{or .metadata.namespace "-"}} {{.metadata.name}}{{"\n"}}{{end}}{{end}}')
  comm -13 <(echo "$2") <(identities <<<"$found") | sed '/^$/d'
}

# find_stale TARGET: puts what an earlier dist/TARGET held and this one does not into STALE and, what a prune leaves alone,
# into KEPT_STALE: kind and group, namespace or "-", and name of each.
find_stale() {
  local target=$1 selector wanted resources found
  local -a ours kept
  kubectl_for "$(cluster_of "$target")"
  selector=$(each_object "$DIST/$target" '{{with .metadata.labels}}serverless-federation.io/federation={{index . "serverless-federation.io/federation"}},serverless-federation.io/target={{index . "serverless-federation.io/target"}}{{else}}unlabelled{{end}}{{"\n"}}' | sed '/^$/d' | sort -u)
  [[ $selector =~ ^([a-z./-]+=[a-zA-Z0-9._-]+,?){2}$ ]] \
    || die "--prune knows objects by their labels, and those of dist/$target have not all the same: $selector"
  wanted=$(objects "$DIST/$target" | identities)

  resources=$("${KUBECTL[@]}" api-resources --verbs=list,delete -o name) \
    || warn "some of the API groups for $target do not answer: what is in them is not pruned"
  mapfile -t ours < <(grep -vxE "$KEPT|$FOREIGN" <<<"$resources")
  mapfile -t kept < <(grep -xE "$KEPT" <<<"$resources")
  found=$(stale "$selector" "$wanted" "${ours[@]}")
  mapfile -t STALE < <(printf '%s' "$found")
  found=$(stale "$selector" "$wanted" "${kept[@]}")
  mapfile -t KEPT_STALE < <(printf '%s' "$found")
}

prune_target() {
  local target=$1 object kind namespace name
  local -a place
  if $DRY_RUN && [[ ! -r $(kubeconfig_of "$(cluster_of "$target")") ]]; then
    echo "# deletes what an earlier dist/$target held; which that is, only the cluster can tell"
    return
  fi
  find_stale "$target"
  ((${#STALE[@]})) || log "nothing to prune for $target"
  for object in "${STALE[@]}"; do
    read -r kind namespace name <<<"$object"
    $DRY_RUN || log "pruning $kind $namespace/$name"
    place=(--namespace "$namespace")
    [[ $namespace != - ]] || place=()
    run "${KUBECTL[@]}" delete "$kind" "$name" "${place[@]}" --ignore-not-found "--timeout=${TIMEOUT}s"
  done
  for object in "${KEPT_STALE[@]}"; do log "kept, though dist/$target names it no more: $object"; done
}

list_stale() {
  find_stale "$1"
  ((${#STALE[@]} == 0)) || printf 'delete %s\n' "${STALE[@]}"
  ((${#KEPT_STALE[@]} == 0)) || printf 'keep %s\n' "${KEPT_STALE[@]}"
}

declare -A OBJECTS=()
STALE=()
KEPT_STALE=()
# warn_if_older: says so where the federation's file beside dist/ is not what the manifests were made of.
warn_if_older() {
  local name made file
  [[ -f $DIST/README.md && -r $DIST/README.md ]] && command -v sha256sum >/dev/null || return 0
  name=$(sed -nE 's/^<!-- Made by serverless-federation from (.+): edit that, not this file\. -->$/\1/p' "$DIST/README.md")
  made=$(sed -nE 's/^<!-- made of sha256:([0-9a-f]{64}) -->$/\1/p' "$DIST/README.md")
  file=$(dirname "$DIST")/$name
  if [[ -n $made && -f $file ]] && [[ $(sha256sum <"$file") != "$made "* ]]; then
    warn "'$DIST' is older than '$file', or made of another: \"$SYNTH\" makes it anew"
  fi
}

PRUNE=false
LIST_STALE=false
FORCE=false
while (($#)); do
  case $1 in
    --prune) PRUNE=true && shift ;;
    --list-stale) LIST_STALE=true && shift ;;
    --force-conflicts) FORCE=true && shift ;;
    *) common_option "$@" && shift "$TAKEN" ;;
  esac
done
((${#ARGS[@]})) || misuse "name a target: bootstrap, host, karmada, argocd, members or members/NAME"

targets=()
clusters=()
for target in "${ARGS[@]}"; do
  target=${target%/}
  case $target in
    members)
      need_readable "$DIST" "$DIST/members"
      for folder in "$DIST"/members/*/; do
        [[ -d $folder ]] || die "there is no member in '$DIST/members'"
        folder=${folder%/}
        targets+=("members/${folder##*/}")
      done
      ;;
    bootstrap | host | karmada | argocd) targets+=("$target") ;;
    members/*)
      [[ $target =~ ^members/[a-z0-9]([a-z0-9-]*[a-z0-9])?$ ]] || misuse "'$target' is not a target"
      targets+=("$target")
      ;;
    *) misuse "'$target' is not a target: bootstrap, host, karmada, argocd, members or members/NAME" ;;
  esac
done
each_once targets
need kubectl
for target in "${targets[@]}"; do
  has_manifests "$DIST/$target" || case $target in
    members/*) no_member "${target#members/}" ;;
    *) no_manifests "$DIST/$target" ;;
  esac
  clusters+=("$(cluster_of "$target")")
done
warn_if_older
main_cluster "${clusters[@]}"
need_kubeconfig "${clusters[@]}"

for target in "${targets[@]}"; do
  if $LIST_STALE; then
    list_stale "$target"
    continue
  fi
  apply_target "$target"
  ! $PRUNE || prune_target "$target"
done
