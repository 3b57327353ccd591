# Whose turn it is to restart: the servers of a cluster one at a time, and agents after their servers.
#   servers       how many servers the cluster has
# shellcheck shell=sh disable=SC2034,SC2154 # the parts of remote.sh share their variables

lease=serverless-federation-bootstrap

server_kubectl() { k3s kubectl --kubeconfig /etc/rancher/k3s/k3s.yaml --request-timeout 10s "$@"; }

# One server at a time restarts, by a Lease that it holds until it is up again. One that does not come up keeps it, so
# that the others stay; it lapses after twice the time that a server may take.
take_turn() {
  setting servers servers
  if [ "$kind" != server ] || [ "$servers" -lt 2 ] || ! is_active; then return; fi
  if ! server_kubectl get --raw /readyz >/dev/null 2>&1; then
    log "the API server of this host does not answer: restarting without a look at the other servers"
    return
  fi
  try_for "$((3 * timeout))" "the other servers of the cluster to be up again" is_my_turn \
    || die "nothing was changed: gave up waiting for the server '$holder', which is to be up again first"
  my_turn=true
}

is_my_turn() {
  found=$(server_kubectl get lease "$lease" --namespace kube-system --ignore-not-found \
    -o 'jsonpath={.spec.holderIdentity} {.metadata.creationTimestamp}') || return 1
  holder=${found%% *}
  if [ "$holder" = "$node" ]; then return; fi
  if [ -n "$holder" ]; then
    read_time "${found#* }" || return 1
    [ $(($(date +%s) - seconds)) -gt $((2 * timeout)) ] || return 1
    log "the turn of '$holder' has lapsed"
    server_kubectl delete lease "$lease" --namespace kube-system --ignore-not-found >&2
  fi
  # Creating is atomic: of several only one succeeds.
  server_kubectl create -f - >/dev/null 2>&1 <<YAML
apiVersion: coordination.k8s.io/v1
kind: Lease
metadata: { name: $lease, namespace: kube-system }
spec: { holderIdentity: "$node" }
YAML
}

end_turn() {
  [ -z "$my_turn" ] || server_kubectl delete lease "$lease" --namespace kube-system --ignore-not-found >&2
}

# An agent's kubelet must not be newer than the API server.
wait_for_servers() {
  if [ "$kind" != agent ] || ! is_active; then return; fi
  wait_for "$timeout" "the servers of the cluster to run $version" servers_are_there
}

servers_are_there() {
  running=$(kubelet_kubectl get --raw /version 2>/dev/null | sed -n 's/.*"gitVersion": *"\([^"]*\)".*/\1/p')
  [ -n "$running" ] && ! is_older "$running" "$version"
}
