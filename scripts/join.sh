#!/usr/bin/env bash
# Makes clusters members of the federation. See usage().

set -euo pipefail
here=$(readlink -f "${BASH_SOURCE[0]}")
# shellcheck source=lib.sh
. "${here%/*}/lib.sh"

usage() {
  cat <<TEXT
Usage: $(script join) [OPTION…] MEMBER…

Makes clusters members of the federation, in the way that dist/members/MEMBER says: by push, where the control plane
calls the member, or by pull, where an agent on the member calls the control plane (apply members/MEMBER before: the
agent is in it). Then sees to it that labels, taints, provider, region and zones are as the federation says.

Where the control plane has an estimator for the member, it gets a kubeconfig for it (apply members/MEMBER before).

A member that is joined only gets what has changed; one that an earlier run left half-joined is repaired.

Needs kubeconfigs of karmada and of MEMBER, and of host for an estimator. The server in the member's kubeconfig is the
address that the control plane calls it at. For push, kubectl-karmada or karmadactl is needed; for pull, openssl.

Options:
$COMMON_OPTIONS
TEXT
}

# registered MEMBER: prints mode and id of the member as Karmada knows it, and nothing where it does not.
registered() {
  kube "$KARMADA" get "$CLUSTERS" "$1" --ignore-not-found -o \
    'go-template={{.spec.syncMode}} {{or .spec.id "unknown"}}{{if .metadata.deletionTimestamp}} leaving{{end}}'
}

# check_registered MEMBER MODE: ends the script where Karmada knows something else by that name.
check_registered() {
  local member=$1 mode=$2 known id here
  known=$(registered "$member")
  [[ -n $known ]] || return 0
  [[ $known != *leaving ]] || die "'$member' is just being removed from Karmada: wait for that, then join it again"
  [[ ${known%% *} == "$mode" ]] \
    || die "'$member' is joined in ${known%% *} mode, and the federation says $mode: run $(script unjoin) $member first"
  id=${known##* }
  here=$(kube "$member" get namespace kube-system -o 'jsonpath={.metadata.uid}')
  [[ $id == unknown || $id == "$here" ]] \
    || die "Karmada knows another cluster as '$member' (id $id, this one is $here): run $(script unjoin) $member first"
}

# secret_data CLUSTER NAME KEY: prints a key of a Secret in karmada-cluster, still in base64; nothing where it isn't there.
secret_data() {
  kube "$1" get secret "$2" -n "$CLUSTER_NAMESPACE" --ignore-not-found -o "go-template={{with .data}}{{with index . \"$3\"}}{{.}}{{end}}{{end}}"
}

# delete_leftovers MEMBER: Secrets without a Cluster are what a join that broke off leaves behind. karmadactl would take
# them for its own, though their tokens may be those of a cluster that is long gone (v1.18: pkg/util/secret.go).
delete_leftovers() {
  local found
  found=$(kube "$KARMADA" get secret "$1" "$1-impersonator" -n "$CLUSTER_NAMESPACE" --ignore-not-found -o name)
  [[ -n $found ]] || return 0
  log "deleting Secrets that an earlier, unfinished join of '$1' left"
  change "$KARMADA" delete secret "$1" "$1-impersonator" -n "$CLUSTER_NAMESPACE" --ignore-not-found
}

# renew_credentials MEMBER: makes the Secrets that Karmada reaches a joined member by what the member's ServiceAccounts
# have, where they are missing, another's, or not owned by the Cluster (so that they would stay when it leaves).
renew_credentials() {
  local member=$1 uid part secret account key manifest owner
  uid=$(kube "$KARMADA" get "$CLUSTERS" "$member" -o 'jsonpath={.metadata.uid}')
  for part in "$member:karmada-$member" "$member-impersonator:karmada-impersonator"; do
    secret=${part%:*} account=${part#*:}
    key=$(secret_data "$member" "$account" token)
    [[ -n $key ]] \
      || die "'$member' has no token for ServiceAccount $CLUSTER_NAMESPACE/$account any more: run $(script unjoin) $member, then join it again"
    owner=$(kube "$KARMADA" get secret "$secret" -n "$CLUSTER_NAMESPACE" --ignore-not-found -o 'jsonpath={.metadata.ownerReferences[*].uid}')
    if [[ $owner == "$uid" && $(secret_data "$KARMADA" "$secret" token) == "$key" ]]; then continue; fi
    log "renewing Secret $CLUSTER_NAMESPACE/$secret"
    manifest="\
apiVersion: v1
kind: Secret
metadata:
  name: \"$secret\"
  namespace: $CLUSTER_NAMESPACE
  labels: { karmada.io/system: 'true' }
  ownerReferences:
    - { apiVersion: cluster.karmada.io/v1alpha1, kind: Cluster, name: \"$member\", uid: $uid, controller: true, blockOwnerDeletion: true }
data:
  token: $key"
    [[ $secret != "$member" ]] || manifest+=$'\n'"  caBundle: $(secret_data "$member" "$account" ca.crt)"
    kube "$KARMADA" apply --server-side "--field-manager=$FIELD_MANAGER" --force-conflicts -f - <<<"$manifest" >&2
  done
}

join_by_push() {
  local member=$1 tool known
  tool=$(karmada_tool)
  if ! $DRY_RUN; then
    check_registered "$member" Push
    known=$(registered "$member")
    if [[ -n $known ]]; then
      log "'$member' is joined already"
      renew_credentials "$member"
      return
    fi
    delete_leftovers "$member"
  fi
  # Provider, region and zones come with cluster.yaml alone: what a second owner has set too, the first cannot take away.
  local command=(patient "$tool" join "$member" --kubeconfig "$(kubeconfig_of "$KARMADA")")
  [[ -z ${CONTEXTS[$KARMADA]-} ]] || command+=(--karmada-context "${CONTEXTS[$KARMADA]}")
  command+=(--cluster-kubeconfig "$(kubeconfig_of "$member")" --cluster-namespace "$CLUSTER_NAMESPACE")
  [[ -z ${CONTEXTS[$member]-} ]] || command+=(--cluster-context "${CONTEXTS[$member]}")
  log "joining '$member'"
  run "${command[@]}"
}

# The agent's kubeconfig is made as "karmadactl register" makes it, but without its bootstrap token, which can only be
# given on the command line, where every user of the machine may read it: the operator's own kubeconfig asks for the
# certificate and approves it. Names are those that the agent's certificate rotation expects (user = name of the member).
join_by_pull() {
  local member=$1 rules server
  rules=${MEMBER_DATA["$member/agent.yaml"]-}
  server=${MEMBER_DATA["$member/karmadaServer"]-}
  [[ -n $rules && -n $server ]] \
    || die "dist/members/$member/00-member.yaml lacks 'agent.yaml' or 'karmadaServer', which joining by pull needs"
  if ! $DRY_RUN; then
    check_registered "$member" Pull
    kube "$member" get deployment "$AGENT" -n "$AGENT_NAMESPACE" -o name >/dev/null \
      || die "'$member' has no agent yet: run $(script apply) members/$member first"
  fi
  log "giving the agent of '$member' its rights in Karmada"
  change "$KARMADA" apply --server-side "--field-manager=$FIELD_MANAGER" --force-conflicts -f - <<<"$rules"
  if $DRY_RUN; then
    echo "# makes a certificate for system:karmada:agent:$member and with it Secret $AGENT_NAMESPACE/karmada-kubeconfig"
    echo "# waits for Cluster $member, which the agent makes"
    return
  fi
  if agent_has_access "$member" "$server"; then
    log "the agent of '$member' has a kubeconfig already"
  else
    give_access "$member" "$server"
  fi
  wait_until "$TIMEOUT" "the agent to register '$member' (its log: kubectl logs -n $AGENT_NAMESPACE deployment/$AGENT)" \
    prints registered "$member"
}

# certificate_authority: prints the CA of Karmada's API, in base64.
certificate_authority() {
  kube "$KARMADA" config view --raw --minify --flatten -o 'jsonpath={.clusters[0].cluster.certificate-authority-data}'
}

# agent_has_access MEMBER SERVER: does the agent have a kubeconfig for that server whose certificate is good for a week?
agent_has_access() {
  local kubeconfig
  local -a parts
  kubeconfig=$(kube "$1" get secret karmada-kubeconfig -n "$AGENT_NAMESPACE" --ignore-not-found \
    -o 'go-template={{with .data}}{{with index . "karmada-kubeconfig"}}{{base64decode .}}{{end}}{{end}}')
  [[ -n $kubeconfig ]] || return 1
  mapfile -t parts < <(each_object - \
    '{{with (index .clusters 0).cluster}}{{.server}}{{"\n"}}{{index . "certificate-authority-data"}}{{end}}{{"\n"}}{{index (index .users 0).user "client-certificate-data"}}' \
    <<<"$kubeconfig")
  [[ ${parts[0]-} == "$2" && ${parts[1]-} == "$(certificate_authority)" ]] || return 1
  base64 -d <<<"${parts[2]-}" | openssl x509 -noout -checkend 604800 >/dev/null
}

give_access() {
  local member=$1 server=$2 authority key request name certificate
  authority=$(certificate_authority)
  [[ -n $authority ]] || die "the kubeconfig of karmada holds no certificate-authority-data"
  log "asking Karmada for a certificate for the agent of '$member'"
  key=$(openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256)
  request=$(openssl req -new -key /dev/stdin -subj "/O=system:karmada:agents/CN=system:karmada:agent:$member" <<<"$key" | base64 | tr -d '\n')
  name=$(
    kube "$KARMADA" create -o 'jsonpath={.metadata.name}' -f - <<MANIFEST
apiVersion: certificates.k8s.io/v1
kind: CertificateSigningRequest
metadata:
  generateName: $member-
spec:
  request: $request
  signerName: kubernetes.io/kube-apiserver-client
  expirationSeconds: 31536000
  usages: [digital signature, key encipherment, client auth]
MANIFEST
  )
  kube "$KARMADA" certificate approve "$name" >&2
  wait_until "$TIMEOUT" "Karmada to sign certificate request $name" prints signed "$name"
  certificate=$(signed "$name")
  kube "$KARMADA" delete csr "$name" >&2

  kube "$member" get namespace "$AGENT_NAMESPACE" -o name >/dev/null 2>&1 || kube "$member" create namespace "$AGENT_NAMESPACE" >&2
  kubectl create secret generic karmada-kubeconfig -n "$AGENT_NAMESPACE" --dry-run=client -o yaml \
    --from-file=karmada-kubeconfig=/dev/stdin <<MANIFEST | kube "$member" apply --server-side "--field-manager=$FIELD_MANAGER" --force-conflicts -f - >&2
apiVersion: v1
kind: Config
clusters:
  - name: karmada-apiserver
    cluster: { server: "$server", certificate-authority-data: "$authority" }
users:
  - name: "$member"
    user: { client-certificate-data: "$certificate", client-key-data: "$(base64 <<<"$key" | tr -d '\n')" }
contexts:
  - name: "$member@karmada-apiserver"
    context: { cluster: karmada-apiserver, user: "$member" }
current-context: "$member@karmada-apiserver"
MANIFEST
  # The agent reads it at its start only.
  kube "$member" rollout restart "deployment/$AGENT" -n "$AGENT_NAMESPACE" >&2
}

signed() { kube "$KARMADA" get csr "$1" -o 'jsonpath={.status.certificate}'; }

# describe MEMBER: labels, taints, provider, region and zones as the federation says.
describe() {
  local member=$1 cluster
  cluster=${MEMBER_DATA["$member/cluster.yaml"]-}
  [[ -n $cluster ]] || die "dist/members/$member/00-member.yaml lacks 'cluster.yaml'"
  log "setting labels, taints, provider, region and zones of '$member'"
  if $DRY_RUN; then echo "# with cluster.yaml of dist/members/$member/00-member.yaml:"; fi
  # The federation file decides about these fields, whoever has set them.
  change "$KARMADA" apply --server-side "--field-manager=$FIELD_MANAGER" --force-conflicts -f - <<<"$cluster"
}

wait_until_ready() {
  local member=$1
  kubectl_for "$KARMADA"
  run "${KUBECTL[@]}" wait --for=condition=Ready "$CLUSTERS/$member" "--timeout=${TIMEOUT}s" && return
  kube "$KARMADA" get "$CLUSTERS" "$member" -o \
    'jsonpath={range .status.conditions[*]}{.type}={.status}: {.reason}: {.message}{"\n"}{end}' >&2 || true
  die "waited ${TIMEOUT}s for '$member' to be ready"
}

# estimators: one line for each estimator of the control plane: member, namespace, Secret with its kubeconfig.
estimators() {
  ! has_manifests "$DIST/host" || each_object "$DIST/host" \
    '{{if eq .kind "Deployment"}}{{.metadata.name}} {{.metadata.namespace}}{{range .spec.template.spec.volumes}}{{if eq .name "member"}} {{.secret.secretName}}{{end}}{{end}}{{"\n"}}{{end}}' \
    | sed -nE "s/^$ESTIMATOR-([^ ]+ [^ ]+ [^ ]+)\$/\1/p"
}

# estimator_token MEMBER: prints the member's CA and, decoded, the token of its estimator's account, once it is made.
estimator_token() {
  kube "$1" get secret "$ESTIMATOR" -n "$FEDERATION_NAMESPACE" --ignore-not-found \
    -o 'go-template={{with .data}}{{index . "ca.crt"}} {{base64decode .token}}{{end}}'
}

# share_with_estimator MEMBER NAMESPACE SECRET: gives the estimator of a member a kubeconfig with a token that lasts.
share_with_estimator() {
  local member=$1 namespace=$2 secret=$3 server data
  log "giving the estimator of '$member' its kubeconfig"
  if $DRY_RUN; then
    echo "# makes Secret $namespace/$secret on $HOST from Secret $FEDERATION_NAMESPACE/$ESTIMATOR on $member"
    return
  fi
  [[ -n $(kube "$member" get serviceaccount "$ESTIMATOR" -n "$FEDERATION_NAMESPACE" --ignore-not-found -o name) ]] \
    || die "'$member' has no account for its estimator: run $(script apply) members/$member, then this again"
  kube "$member" apply --server-side "--field-manager=$FIELD_MANAGER" -f - >&2 <<MANIFEST
apiVersion: v1
kind: Secret
metadata:
  name: $ESTIMATOR
  namespace: $FEDERATION_NAMESPACE
  annotations: { kubernetes.io/service-account.name: $ESTIMATOR }
type: kubernetes.io/service-account-token
MANIFEST
  wait_until "$TIMEOUT" "'$member' to make a token for its estimator" prints estimator_token "$member"
  data=$(estimator_token "$member")
  server=$(kube "$member" config view --raw --minify -o 'jsonpath={.clusters[0].cluster.server}')
  kubectl create secret generic "$secret" -n "$namespace" --dry-run=client -o yaml --from-file=kubeconfig=/dev/stdin <<MANIFEST | kube "$HOST" apply --server-side "--field-manager=$FIELD_MANAGER" --force-conflicts -f - >&2
apiVersion: v1
kind: Config
clusters:
  - name: "$member"
    cluster: { server: "$server", certificate-authority-data: "${data%% *}" }
users:
  - name: estimator
    user: { token: "${data#* }" }
contexts:
  - name: "$member"
    context: { cluster: "$member", user: estimator }
current-context: "$member"
MANIFEST
}

while (($#)); do common_option "$@" && shift "$TAKEN"; done
((${#ARGS[@]})) || misuse "name a member"
each_once ARGS
need kubectl
declare -A MODES
for member in "${ARGS[@]}"; do
  read_member "$member"
  MODES[$member]=${MEMBER_DATA["$member/registration"]-}
  case ${MODES[$member]} in
    push) karmada_tool >/dev/null ;;
    pull) need openssl base64 ;;
    *) die "dist/members/$member/00-member.yaml says registration '${MODES[$member]}', neither push nor pull" ;;
  esac
done
main_cluster "${ARGS[@]}"
need_kubeconfig "$KARMADA" "${ARGS[@]}"
declare -A ESTIMATORS=()
listed=$(estimators)
while read -r member place; do
  [[ -z $member || ! -v MODES[$member] ]] || ESTIMATORS[$member]=$place
done <<<"$listed"
((${#ESTIMATORS[@]} == 0)) || need_kubeconfig "$HOST"

$DRY_RUN || for cluster in "$KARMADA" "${ARGS[@]}"; do reach "$cluster"; done
# The part of the API that knows clusters comes up a little after the rest.
$DRY_RUN || wait_until "$TIMEOUT" "Karmada to serve $CLUSTERS" kube "$KARMADA" get --raw /apis/cluster.karmada.io/v1alpha1 >/dev/null
for member in "${ARGS[@]}"; do
  "join_by_${MODES[$member]}" "$member"
  describe "$member"
done
# They become ready side by side.
for member in "${ARGS[@]}"; do
  wait_until_ready "$member"
  if [[ -v ESTIMATORS[$member] ]]; then
    read -r namespace secret <<<"${ESTIMATORS[$member]}"
    share_with_estimator "$member" "$namespace" "$secret"
  fi
  $DRY_RUN || log "'$member' is joined"
done
