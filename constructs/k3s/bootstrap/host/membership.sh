# How a host comes to be part of its cluster.
#   first     true: the server that makes the cluster
#   peers     URLs of the other servers, one a line
# shellcheck shell=sh disable=SC2034,SC2154 # the parts of remote.sh share their variables

answers() { curl --silent --insecure --noproxy '*' --connect-timeout 10 --max-time 20 --output /dev/null -- "$1/ping"; }

find_peer() {
  [ -f "$dir/host/peers" ] || return 1
  while read -r peer; do
    if answers "$peer"; then return; fi
  done <"$dir/host/peers"
  return 1
}

# Sets `config` to what k3s is to run with. A first server whose cluster exists already joins it: a bare host that made
# the cluster anew would have the others follow an empty one.
choose_config() {
  config=$dir/host/config.yaml
  if ! setting_is first true || [ ! -s "$dir/token" ]; then return; fi
  if [ -s "$data/server/token" ]; then
    cmp -s "$data/server/token" "$dir/token" \
      || die "this host has another join token than the one that was handed over for the cluster '$cluster': it is of" \
        "another cluster, or its token was changed; put the right one in the place of the known one first"
    grep -q '^server:' /etc/rancher/k3s/config.yaml 2>/dev/null || return 0
    join_at=$(sed -n 's/^server: *//p' /etc/rancher/k3s/config.yaml)
  elif find_peer; then
    log "the cluster '$cluster' exists: joining it at $peer"
    join_at=$peer
  else
    die "the cluster '$cluster' exists, for its join token is known, but this host has no data of it and no other server" \
      "answers. Bring its data back (docs.k3s.io/datastore/backup-restore), or, to start with an empty cluster, delete the" \
      "token and the kubeconfig that were handed over"
  fi
  config=$dir/config.yaml
  {
    sed '/^cluster-init:/d' "$dir/host/config.yaml"
    printf 'server: %s\ntoken-file: /etc/rancher/k3s/token\n' "$join_at"
  } >"$config"
}

# The admin kubeconfig, with an address that works from elsewhere and the cluster's name, and the join token.
hand_over() {
  mkdir "$dir/out"
  cp /etc/rancher/k3s/k3s.yaml "$dir/out/kubeconfig"
  k3s kubectl --kubeconfig "$dir/out/kubeconfig" config set-cluster default --server="$1" >&2
  k3s kubectl --kubeconfig "$dir/out/kubeconfig" config rename-context default "$cluster" >&2
  cp "$data/server/token" "$dir/out/token"
  tar -C "$dir/out" -cf - kubeconfig token >&3
}
