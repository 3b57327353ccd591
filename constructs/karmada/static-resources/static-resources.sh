#!/usr/bin/env bash
# Brings the Karmada API to a version: its CRDs, and what the components expect beside them. Safe to run at any time; it
# ends by writing ConfigMap karmada-version, which the components wait for.
#
# KUBECONFIG       for the Karmada API, as an administrator
# CA_FILE          CA of the Karmada API, which webhooks and aggregated API servers are trusted by
# RESOURCES_DIR    first.yaml, last.yaml and version.yaml, applied in this order, with {{caBundle}} for the CA
# CRDS_DIR         folder "crds" of the release; or
# CRDS_URL         its crds.tar.gz, with CRDS_SHA256 when it is to be checked, or CRDS_CONTENT_SHA256, see check_content
# NAMESPACE        of the control plane
# WEBHOOK          name of the webhook's Service
# ABSENT           parts that the control plane does not have, whose objects are removed; blanks between
# TIMEOUT          seconds to wait for the API server, and for the CRDs
set -euo pipefail

: "${KUBECONFIG:?}" "${CA_FILE:?}" "${RESOURCES_DIR:?}" "${NAMESPACE:?}" "${WEBHOOK:?}" "${TIMEOUT:?}"
readonly FIELD_MANAGER=serverless-federation

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

log() { printf '%s\n' "$*" >&2; }
die() {
  log "error: $*"
  exit 1
}

wait_for_api() {
  local deadline=$((SECONDS + TIMEOUT)) answer
  # The namespaces are the API server's own, made right after its start.
  until answer=$(kubectl get namespaces kube-system kube-public --request-timeout 10s 2>&1); do
    ((SECONDS < deadline)) || die "waited ${TIMEOUT}s for the Karmada API server: $answer"
    log "waiting for the Karmada API server (at most ${TIMEOUT}s)"
    sleep 3
  done
}

# fill FILE: prints it with the CA, and with the webhook's address in the patches of a release.
fill() {
  sed -e "s|{{caBundle}}|$ca_bundle|g" -e "s|{{name}}|$WEBHOOK|g" -e "s|{{namespace}}|$NAMESPACE|g" "$1"
}

apply() {
  kubectl apply --server-side --force-conflicts --field-manager "$FIELD_MANAGER" -f "$1" >&2
}

# fetch_crds: puts the folder "crds" of the release into $work.
fetch_crds() {
  if [[ -n ${CRDS_DIR-} ]]; then
    cp -rL "$CRDS_DIR" "$work/crds"
    return
  fi
  : "${CRDS_URL:?}"
  log "fetching $CRDS_URL"
  curl --fail --location --silent --show-error --proto '=https' --retry 5 --connect-timeout 15 --max-time 300 \
    --output "$work/crds.tar.gz" "$CRDS_URL" || die "cannot fetch $CRDS_URL"
  if [[ -n ${CRDS_SHA256-} ]]; then
    sha256sum --check --status <<<"$CRDS_SHA256  $work/crds.tar.gz" \
      || die "$CRDS_URL has the SHA-256 $(sha256sum <"$work/crds.tar.gz" | cut -d ' ' -f 1), not $CRDS_SHA256"
  fi
  # By itself, so that nothing in it takes the place of what else is in $work.
  mkdir "$work/release"
  tar -xzf "$work/crds.tar.gz" -C "$work/release" --no-same-owner
  [[ ! -d $work/release/crds ]] || mv "$work/release/crds" "$work/crds"
}

# check_content: refuses other files than those that the list with the checksum CRDS_CONTENT_SHA256 names.
check_content() {
  local found
  found=$(cd "$work/crds" && find . ! -type d -exec sha256sum {} + | LC_ALL=C sort -k 2 | sha256sum | cut -d ' ' -f 1) \
    || die "cannot read the CRDs in $CRDS_URL"
  [[ $found == "$CRDS_CONTENT_SHA256" ]] \
    || die "$CRDS_URL holds other files than the release: their list has the SHA-256 $found, not $CRDS_CONTENT_SHA256"
}

apply_crds() {
  local patch
  fetch_crds
  # Whoever packed them may have taken the right to write away.
  chmod -R u+w "$work/crds" 2>/dev/null || true
  [[ -f $work/crds/kustomization.yaml ]] || die "there is no crds/kustomization.yaml in what should be the CRDs of a release"
  [[ -z ${CRDS_CONTENT_SHA256-} ]] || check_content
  for patch in "$work"/crds/patches/*.yaml; do
    fill "$patch" >"$work/patch"
    cp "$work/patch" "$patch"
  done
  kubectl kustomize "$work/crds" >"$work/crds.yaml"
  apply "$work/crds.yaml"
  kubectl wait --for=condition=Established --timeout="${TIMEOUT}s" -f "$work/crds.yaml" >&2
}

# remove COMPONENT: takes away what an earlier run made for it. What is of a target is the federation file's own.
remove() {
  local kinds=apiservices,services,configmaps,clusterroles,clusterrolebindings,roles,rolebindings
  kubectl delete "$kinds" --all-namespaces --ignore-not-found \
    --selector "app.kubernetes.io/managed-by=serverless-federation,app.kubernetes.io/component=$1,!serverless-federation.io/target" >&2
}

ca_bundle=$(base64 -w0 <"$CA_FILE")
for file in first last version; do
  fill "$RESOURCES_DIR/$file.yaml" >"$work/$file.yaml"
done

wait_for_api
apply "$work/first.yaml"
apply_crds
apply "$work/last.yaml"
for component in ${ABSENT-}; do
  remove "$component"
done
apply "$work/version.yaml"
log "the Karmada API is ready for its components"
