#!/usr/bin/env bash
# The bootstrap Job of a host: connects to it and makes Secrets of what a first server hands over.
#
# Environment: that of connect.sh, and
#   SCRIPTS       folder of connect.sh
#   NAMESPACE     of the Secrets
set -euo pipefail

# Secret NAME with the file as its only key.
hand_on() {
  local name=$1 file=$2
  kubectl create secret generic "$name" --namespace="$NAMESPACE" --from-file="$file" --dry-run=client -o yaml \
    | kubectl label --local -f - app.kubernetes.io/managed-by=serverless-federation -o yaml \
    | kubectl apply --server-side --force-conflicts --field-manager=serverless-federation -f -
}

sh "$SCRIPTS/connect.sh"

if [[ -f $HOST_DIR/kubeconfig-server ]]; then
  cluster=$(<"$HOST_DIR/cluster")
  hand_on "$cluster-kubeconfig" "$OUT_DIR/kubeconfig"
  hand_on "$cluster-token" "$OUT_DIR/token"
fi
