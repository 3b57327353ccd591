#!/usr/bin/env bash
# Takes members out of the federation. See usage().

set -euo pipefail
here=$(readlink -f "${BASH_SOURCE[0]}")
# shellcheck source=lib.sh
. "${here%/*}/lib.sh"

usage() {
  cat <<TEXT
Usage: $(script unjoin) [OPTION…] MEMBER…

Takes members out of the federation: Karmada removes from them what it had placed there, forgets them, and its
ServiceAccounts, roles and namespaces leave them. What dist/members/MEMBER put there itself (network, shims) stays; an
agent goes. A member that has left already is only cleaned of what may be left.

Needs kubeconfigs of karmada and of MEMBER, and kubectl-karmada or karmadactl.

Options:
  --force                      forget a member (push) that no longer answers: what is on it stays there
$COMMON_OPTIONS
TEXT
}

# mode_in_karmada MEMBER: prints Push, Pull, or nothing where Karmada does not know it.
mode_in_karmada() { kube "$KARMADA" get "$CLUSTERS" "$1" --ignore-not-found -o 'jsonpath={.spec.syncMode}'; }

# context_of CLUSTER: prints the context to use; "unjoin" would look for one with the name of the member.
context_of() {
  if [[ -n ${CONTEXTS[$1]-} ]]; then
    echo "${CONTEXTS[$1]}"
  else
    kubectl config current-context --kubeconfig "$(kubeconfig_of "$1")"
  fi
}

# with_karmada MEMBER MODE: what the tool of Karmada does for it.
with_karmada() {
  local member=$1 tool config context
  local -a command
  tool=$(karmada_tool)
  config=$(kubeconfig_of "$member")
  if [[ $2 == Pull ]]; then
    command=(patient "$tool" unregister "$member" --karmada-config "$(kubeconfig_of "$KARMADA")" --namespace "$AGENT_NAMESPACE")
  else
    command=(patient "$tool" unjoin "$member" --kubeconfig "$(kubeconfig_of "$KARMADA")")
    ! $FORCE || command+=(--force)
  fi
  [[ -z ${CONTEXTS[$KARMADA]-} ]] || command+=(--karmada-context "${CONTEXTS[$KARMADA]}")
  command+=(--cluster-namespace "$CLUSTER_NAMESPACE" --wait "${TIMEOUT}s")
  # Without it, the tool does not ask a member that would never answer.
  if [[ -r $config ]] && { [[ $2 == Pull ]] || ! $GONE; }; then
    context=$(context_of "$member")
    command+=(--cluster-kubeconfig "$config" --cluster-context "$context")
  elif $DRY_RUN; then
    command+=(--cluster-kubeconfig "$config" --cluster-context "${CONTEXTS[$member]:-default}")
  fi
  run "${command[@]}"
}

# delete CLUSTER TYPE/NAME…: deletes what is there of it.
delete() { change "$1" delete "${@:2}" --ignore-not-found "--timeout=${TIMEOUT}s"; }

# clean_karmada MEMBER: what a join that broke off leaves in Karmada, and the rights of an agent.
clean_karmada() {
  local role=system:karmada:$1:agent
  delete "$KARMADA" "clusterrolebinding/$role" "clusterrole/$role"
  delete "$KARMADA" -n "$CLUSTER_NAMESPACE" "rolebinding/$role-secret" "role/$role-secret" "secret/$1" "secret/$1-impersonator"
}

# clean_member MEMBER: what the tool leaves on a member, or has never come to.
clean_member() {
  local role of_ours=()
  for role in "karmada-controller-manager:karmada-$1" karmada-impersonator karmada-agent; do
    of_ours+=("clusterrolebinding/$role" "clusterrole/$role")
  done
  delete "$1" "${of_ours[@]}"
  delete "$1" -n "$AGENT_NAMESPACE" "deployment/$AGENT" "serviceaccount/$AGENT" secret/karmada-kubeconfig
  # A namespace of that name which is not Karmada's own lacks this label.
  delete "$1" namespace -l "karmada.io/system=true,kubernetes.io/metadata.name=$CLUSTER_NAMESPACE"
}

FORCE=false
while (($#)); do
  case $1 in
    --force) FORCE=true && shift ;;
    *) common_option "$@" && shift "$TAKEN" ;;
  esac
done
((${#ARGS[@]})) || misuse "name a member"
each_once ARGS
for member in "${ARGS[@]}"; do
  # Not only members of the federation file: one that has just been taken out of it is a good reason to come here.
  [[ $member =~ ^[a-z0-9]([a-z0-9-]{0,46}[a-z0-9])?$ && " $MANAGEMENT $HOST $KARMADA $ARGOCD " != *" $member "* ]] \
    || misuse "'$member' is not the name of a member"
done
need kubectl
karmada_tool >/dev/null
main_cluster "${ARGS[@]}"
needed=("$KARMADA")
for member in "${ARGS[@]}"; do
  if ! $FORCE || [[ -n ${KUBECONFIGS[$member]-} || -r $(kubeconfig_of "$member") ]]; then needed+=("$member"); fi
done
need_kubeconfig "${needed[@]}"
if ! $DRY_RUN; then
  reach "$KARMADA"
  $FORCE || for member in "${ARGS[@]}"; do reach "$member"; done
fi

for member in "${ARGS[@]}"; do
  GONE=false
  if $FORCE && ! $DRY_RUN && ! { [[ -r $(kubeconfig_of "$member") ]] && answers "$member"; }; then GONE=true; fi
  if $DRY_RUN; then
    mode=Push
    [[ ! -r $DIST/members/$member/00-member.yaml ]] || read_member "$member"
    [[ ${MEMBER_DATA["$member/registration"]-} != pull ]] || mode=Pull
  else
    mode=$(mode_in_karmada "$member")
  fi
  if [[ -n $mode ]]; then
    log "removing '$member' from the federation, with all that Karmada placed on it (at most ${TIMEOUT}s)"
    with_karmada "$member" "$mode"
  else
    log "Karmada does not know '$member'"
  fi
  clean_karmada "$member"
  if $GONE; then
    warn "'$member' was not cleaned: it does not answer, or there is no kubeconfig for it"
  else
    clean_member "$member"
  fi
  $DRY_RUN || log "'$member' has left the federation"
done
