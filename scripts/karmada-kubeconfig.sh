#!/usr/bin/env bash
# Hands out a kubeconfig for the Karmada API. See usage().

set -euo pipefail
here=$(readlink -f "${BASH_SOURCE[0]}")
# shellcheck source=lib.sh
. "${here%/*}/lib.sh"

usage() {
  cat <<TEXT
Usage: $(script karmada-kubeconfig) [OPTION…]

Prints a kubeconfig for the Karmada API server, as its administrator, with the address that clients outside the central
cluster use. The certificates come from the central cluster and are part of it: it is a secret. The other scripts look
for it as karmada.kubeconfig in the kubeconfig folder:

  $(script karmada-kubeconfig) -o .kube/karmada.kubeconfig

Options:
  -o, --output FILE            write it to FILE, which nobody else can read then, in place of standard output
  --server URL                 another address of the Karmada API server (default: what the federation says)
  --inside                     its address inside the central cluster, for an Argo CD that runs there
$COMMON_OPTIONS

--kubeconfig and --context are the central cluster's. It waits for the administrator's certificate until it is there.
TEXT
}

OUTPUT=''
SERVER=''
INSIDE=false
while (($#)); do
  case $1 in
    -o | --output | --output=*) take_value "$@" && OUTPUT=$VALUE && shift "$TAKEN" ;;
    --server | --server=*) take_value "$@" && SERVER=$VALUE && shift "$TAKEN" ;;
    --inside) INSIDE=true && shift ;;
    *) common_option "$@" && shift "$TAKEN" ;;
  esac
done
((${#ARGS[@]} == 0)) || misuse "'${ARGS[0]}' is one argument too many"
! $INSIDE || [[ -z $SERVER ]] || misuse "give either --server or --inside"
readonly URL='^https://[][a-zA-Z0-9.:_-]+$'
[[ -z $SERVER || $SERVER =~ $URL ]] \
  || misuse "'$SERVER' is not the URL of an API server, such as https://karmada.example.com:5443"
[[ -z $OUTPUT || -d $(dirname -- "$OUTPUT") ]] || die "there is no folder '$(dirname -- "$OUTPUT")'"
[[ ! -d $OUTPUT ]] || die "'$OUTPUT' is a folder"
[[ ! -s $OUTPUT ]] || grep -qE '"?\bkind"?: *"?Config\b' -- "$OUTPUT" \
  || die "'$OUTPUT' is there, and no kubeconfig: it is not overwritten"
need kubectl
main_cluster "$HOST"
need_kubeconfig "$HOST"

readonly CONFIG_MAP=karmada-kubeconfig
manifest=''
if has_manifests "$DIST/$HOST"; then
  for file in "$DIST/$HOST"/*.yaml; do
    if grep -qE "^  name: $CONFIG_MAP\$" -- "$file"; then manifest=$file && break; fi
  done
fi
[[ -n $manifest ]] || die "no ConfigMap '$CONFIG_MAP' in '$DIST/$HOST': \"$SYNTH\" makes it"
namespace=$(field "$manifest" ConfigMap "$CONFIG_MAP" '{{.metadata.namespace}}')
declare -A told=()
read_data told "$manifest" "$CONFIG_MAP"
secret=${told["admin-secret"]}
if $INSIDE; then
  SERVER=${told["inside-url"]-}
  [[ -n $SERVER ]] || die "'$manifest' lacks 'inside-url': \"$SYNTH\" makes it anew"
fi
[[ -n $SERVER ]] || SERVER=${told["public-url"]-}
[[ -n $SERVER ]] || die "the Karmada API server is not reached from outside the central cluster: \
give 'controlPlane.karmada.apiserver.service' a type in the federation file, or an address by --server"
[[ $SERVER =~ $URL ]] || die "'$SERVER' in '$manifest' is not the URL of an API server"

# The Secret's values are base64 already, as a kubeconfig has them: they pass from one to the other unseen.
template="apiVersion: v1
kind: Config
clusters:
  - name: karmada
    cluster:
      server: \"$SERVER\"
      certificate-authority-data: {{index .data \"ca.crt\"}}
users:
  - name: karmada
    user:
      client-certificate-data: {{index .data \"tls.crt\"}}
      client-key-data: {{index .data \"tls.key\"}}
contexts:
  - name: karmada
    context:
      cluster: karmada
      user: karmada
current-context: karmada
"

kubectl_for "$HOST"
if $DRY_RUN; then
  echo "# waits for Secret $namespace/$secret; ${OUTPUT:+$OUTPUT then holds }what this prints${OUTPUT:+:}"
  show_command "${KUBECTL[@]}" get secret "$secret" -n "$namespace" -o "go-template=$template"
  exit
fi

reach "$HOST"
wait_until "$TIMEOUT" "Secret $namespace/$secret" prints kube "$HOST" get secret "$secret" -n "$namespace" --ignore-not-found -o name
if [[ -z $OUTPUT ]]; then
  "${KUBECTL[@]}" get secret "$secret" -n "$namespace" -o "go-template=$template"
  exit
fi
umask 077
partial=$(mktemp -- "$OUTPUT.XXXXXX")
trap 'rm -f "$partial"' EXIT
"${KUBECTL[@]}" get secret "$secret" -n "$namespace" -o "go-template=$template" >"$partial"
mv -- "$partial" "$OUTPUT"
log "'$OUTPUT' is the administrator's kubeconfig for $SERVER: a secret"
