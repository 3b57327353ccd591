# Labels and taints of nodes. k3s gives a node those of its configuration when it registers, and later on new labels
# only; a kubelet may not change its taints. So a server sees to what was added and taken away since, on all nodes of the
# cluster, and an annotation on a node says what it got from here.
#   labels, taints    of this node, "key=value,..." and "key=value:Effect,..."
#   nodes             on a first server: "NODE|LABELS|TAINTS" a line, of all nodes of the cluster
# shellcheck shell=sh disable=SC2034,SC2154 # the parts of remote.sh share their variables

annotation=serverless-federation.io

# Says what a new node has registered with. A server that has changed it since has the last word: without --overwrite.
record_node() {
  setting labels labels
  setting taints taints
  kubelet_kubectl annotate node "$node" "$annotation/labels=$labels" "$annotation/taints=$taints" >/dev/null 2>&1 || true
}

update_nodes() {
  [ ! -f "$dir/host/nodes" ] || while IFS='|' read -r name labels taints; do
    state=$(server_kubectl get node "$name" --ignore-not-found -o "go-template={{.metadata.name}}|{{with .metadata.annotations}}{{with index . \"$annotation/labels\"}}{{.}}{{end}}|{{with index . \"$annotation/taints\"}}{{.}}{{end}}{{else}}|{{end}}|{{range .spec.taints}}{{.key}}:{{.effect}},{{end}}") \
      || die "could not read the node $name"
    # It registers with its labels and taints when its turn comes.
    if [ -n "$state" ]; then update_node </dev/null; fi
  done <"$dir/host/nodes"
}

update_node() {
  rest=${state#*|}
  had_labels=${rest%%|*} rest=${rest#*|}
  had_taints=${rest%%|*} present=,${rest#*|}
  set --
  for label in $(words "$labels"); do set -- "$@" "$label"; done
  for label in $(words "$had_labels"); do
    case ",$labels" in *",${label%%=*}="*) ;; *) set -- "$@" "${label%%=*}-" ;; esac
  done
  [ $# -eq 0 ] || server_kubectl label node "$name" --overwrite -- "$@" >&2 || die "could not label the node $name"
  set --
  for taint in $(words "$taints"); do set -- "$@" "$taint"; done
  for taint in $(words "$had_taints"); do
    key=${taint%%[=:]*}:${taint##*:}
    # What is gone already cannot be taken away.
    if ! is_in "$key" "$(taint_keys "$taints")" && is_in "$key" "$present"; then set -- "$@" "$key-"; fi
  done
  [ $# -eq 0 ] || server_kubectl taint node "$name" --overwrite -- "$@" >&2 || die "could not taint the node $name"
  if [ "$had_labels|$had_taints" != "$labels|$taints" ]; then
    server_kubectl annotate node "$name" --overwrite "$annotation/labels=$labels" "$annotation/taints=$taints" >&2 \
      || die "could not annotate the node $name"
  fi
}

words() { printf '%s' "$1" | tr ',' ' '; }
is_in() { case $2 in *",$1,"*) ;; *) return 1 ;; esac }
taint_keys() { printf ',%s,' "$1" | sed 's/=[^:,]*:/:/g'; }
