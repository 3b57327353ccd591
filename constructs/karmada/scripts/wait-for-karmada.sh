#!/usr/bin/env bash
# Waits until the Karmada API holds the CRDs and static resources of a version, which their Job says in a ConfigMap: a
# component that starts earlier fails, or, in an upgrade, meets objects of another version. Environment: KUBECONFIG,
# NAMESPACE, VERSION.
set -euo pipefail

until found=$(kubectl get configmap karmada-version --namespace "$NAMESPACE" --request-timeout 10s \
  --output 'jsonpath={.data.karmadaVersion}') && [[ $found == "$VERSION" ]]; do
  echo "waiting for the CRDs and static resources of Karmada $VERSION, found ${found:-none}"
  sleep 2
done
