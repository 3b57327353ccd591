#!/usr/bin/env bash
# Stand-in for what the image rancher/k3s-upgrade runs, scripts/upgrade.sh of github.com/k3s-io/k3s-upgrade: "upgrade" puts
# k3s of the Plan's version on the host; "prepare PLAN" waits until the servers are upgraded, as the real one does: no node
# left that the Plan works on, and this version on each server.
set -euo pipefail

namespace=$(</var/run/secrets/kubernetes.io/serviceaccount/namespace)
version=$SYSTEM_UPGRADE_PLAN_LATEST_VERSION

servers_are_upgraded() {
  local applying versions
  kubectl get plan "$1" --namespace "$namespace" >/dev/null || return 1
  applying=$(kubectl get plan "$1" --namespace "$namespace" --output 'jsonpath={.status.applying}')
  [[ -z $applying || $applying == '[]' ]] || return 1
  versions=$(kubectl get nodes --selector node-role.kubernetes.io/control-plane \
    --output 'jsonpath={range .items[*]}{.status.nodeInfo.kubeletVersion}{"\n"}{end}' | tr + - | sort -u)
  [[ $versions == "$version" ]]
}

case $1 in
  prepare)
    until servers_are_upgraded "$2"; do
      echo "waiting for the servers"
      sleep 1
    done
    ;;
  upgrade) echo "$version" >/host/k3s-version ;;
esac
