#!/usr/bin/env bash
# Tells Argo CD how to reach the federation's clusters. See usage().

set -euo pipefail
here=$(readlink -f "${BASH_SOURCE[0]}")
# shellcheck source=lib.sh
. "${here%/*}/lib.sh"

usage() {
  cat <<TEXT
Usage: $(script argocd-clusters) [OPTION…] [CLUSTER…]

Makes the Secrets from which Argo CD knows the clusters that the Applications in dist/argocd name: all of them, or these
(host, karmada or a member). Each is made of that cluster's kubeconfig, so Argo CD gets its rights: give one with a
client certificate or a token. Running it again brings what has changed.

Needs a kubeconfig of argocd, the cluster where Argo CD runs, and of each CLUSTER. The servers in the latter are the
addresses that Argo CD calls.

Options:
$COMMON_OPTIONS
TEXT
}

# applications: one line for each Application that syncs a target to a named cluster: target, name, namespace. Those of
# members come from the list of an ApplicationSet.
applications() {
  local file path name namespace
  for file in "$DIST"/argocd/applications/*.yaml; do
    # shellcheck disable=SC2016 # the template's variable
    each_object "$file" '{{$namespace := .metadata.namespace}}{{if eq .kind "Application"}}{{.spec.source.path}} {{or .spec.destination.name "in-cluster"}} {{$namespace}}{{"\n"}}{{else if eq .kind "ApplicationSet"}}{{range .spec.generators}}{{range .list.elements}}members/{{.member}} {{.cluster}} {{$namespace}}{{"\n"}}{{end}}{{end}}{{end}}'
  done | while read -r path name namespace; do
    [[ $name == in-cluster ]] || printf '%s %s %s\n' "$path" "$name" "$namespace"
  done
}

# The Secret, as a template over a kubeconfig that holds one context. The values of certificates and keys are base64
# there, and are so in Argo CD's JSON.
secret_of() {
  local name=$1 namespace=$2
  printf '%s' '{{with (index .clusters 0).cluster}}apiVersion: v1
kind: Secret
metadata:
  name: cluster-'"$name"'
  namespace: "'"$namespace"'"
  labels: { argocd.argoproj.io/secret-type: cluster, app.kubernetes.io/managed-by: serverless-federation }
stringData:
  name: "'"$name"'"
  server: {{printf "%q" .server}}
  config: |
    {
      {{with (index $.users 0).user}}{{with .token}}"bearerToken": {{printf "%q" .}},
      {{end}}{{end}}"tlsClientConfig": {
        {{with (index $.users 0).user}}{{with index . "client-certificate-data"}}"certData": {{printf "%q" .}},
        {{end}}{{with index . "client-key-data"}}"keyData": {{printf "%q" .}},
        {{end}}{{end}}{{with index . "certificate-authority-data"}}"caData": {{printf "%q" .}},
        {{end}}{{with index . "tls-server-name"}}"serverName": {{printf "%q" .}},
        {{end}}"insecure": {{if index . "insecure-skip-tls-verify"}}true{{else}}false{{end}}
      }
    }
{{end}}'
}

# inside CLUSTER: the way out for a Karmada API server that has no address outside of the central cluster.
inside() {
  [[ $1 != "$KARMADA" ]] \
    || printf '. On the central cluster that is the Service: %s --inside -o FILE, then --kubeconfig %s=FILE' \
      "$(script karmada-kubeconfig)" "$KARMADA"
}

# make CLUSTER NAME NAMESPACE
make() {
  local cluster=$1 manifest usable server
  if $DRY_RUN; then
    echo "# makes Secret $3/cluster-$2 on $ARGOCD from $(kubeconfig_of "$cluster")"
    return
  fi
  usable=$(kube "$cluster" config view --raw --minify --flatten \
    -o 'go-template={{with (index .users 0).user}}{{if .token}}yes{{else if index . "client-key-data"}}yes{{end}}{{end}}')
  [[ $usable == yes ]] \
    || die "the kubeconfig of '$cluster' holds neither a token nor a client certificate, which is what Argo CD can use"
  server=$(kube "$cluster" config view --minify -o 'go-template={{(index .clusters 0).cluster.server}}')
  [[ ! $server =~ ^https?://(localhost|127\.|0\.0\.0\.0|\[::1?\]) ]] \
    || die "the server of '$cluster' in '$(kubeconfig_of "$cluster")' is $server, which is where Argo CD itself runs: give an address that it reaches$(inside "$cluster")"
  manifest=$(kube "$cluster" config view --raw --minify --flatten -o "go-template=$(secret_of "$2" "$3")")
  kube "$ARGOCD" apply --server-side "--field-manager=$FIELD_MANAGER" --force-conflicts -f - <<<"$manifest" >&2
  log "Argo CD knows '$cluster' as '$2'"
}

while (($#)); do common_option "$@" && shift "$TAKEN"; done
each_once ARGS
need kubectl
has_manifests "$DIST/argocd/applications" \
  || die "there are no Applications in '$DIST/argocd/applications': 'argocd' in federation.yaml and \"$SYNTH\" make them"

declare -A NAMES=() NAMESPACES=()
listed=$(applications)
while read -r path name namespace; do
  [[ -n $path ]] || continue
  [[ "$name $namespace" =~ ^[a-z0-9]([a-z0-9.-]*[a-z0-9])?\ [a-z0-9-]+$ ]] || die "'$name' is not the name of a cluster"
  cluster=${path##*/}
  NAMES[$cluster]=$name
  NAMESPACES[$cluster]=$namespace
done <<<"$listed"
((${#ARGS[@]})) || mapfile -t ARGS < <(printf '%s\n' "${!NAMES[@]}" | sort)
for cluster in "${ARGS[@]}"; do
  [[ -v NAMES[$cluster] ]] || misuse "no Application is for a cluster '$cluster': there are ${!NAMES[*]}"
done
main_cluster "$ARGOCD" "${ARGS[@]}"
need_kubeconfig "$ARGOCD" "${ARGS[@]}"
$DRY_RUN || reach "$ARGOCD"

for cluster in "${ARGS[@]}"; do make "$cluster" "${NAMES[$cluster]}" "${NAMESPACES[$cluster]}"; done
