# Whose k3s it is that a host runs: nothing is taken over that this project did not make, unless it is told to.
#   cluster       name of the cluster that the host is to be part of
#   immutable     "FLAG DEFAULT WANTED" a line: what a server cannot change once it has run
#   encryption    true or false: whether Secrets are to be encrypted
#   adopt         true: take over a k3s that runs here already
# shellcheck shell=sh disable=SC2034,SC2154 # the parts of remote.sh share their variables

# Goes with /etc/rancher/k3s, which k3s's own uninstaller removes.
record=/etc/rancher/k3s/.serverless-federation
data=/var/lib/rancher/k3s

has_data() { [ -d "$data/server/db" ] || [ -e "$data/agent/kubelet.kubeconfig" ]; }

check_ownership() {
  ! has_service "$other" || fault "this host already runs as $other, remove that first with $other-uninstall.sh"
  adopting=
  read_line known "$record/cluster"
  if [ -n "$known" ]; then
    [ "$known" = "$cluster" ] \
      || fault "this host is part of the cluster '$known': remove it there first, with 'scripts/host.sh remove $node'"
  elif { has_service "$service" || has_data; } && ! cmp -s "$dir/host/config.yaml" /etc/rancher/k3s/config.yaml; then
    if setting_is adopt true; then
      adopting=true
    elif has_service "$service"; then
      fault "this host runs a k3s that the bootstrap did not set up: remove that with $service-uninstall.sh, or give" \
        "--adopt, which keeps its data, takes its configuration over, and leaves the old one beside"
    else
      fault "this host has data of an earlier k3s in $data: remove it, or give --adopt, which goes on with it"
    fi
  fi
  if [ "$kind" = server ] && has_data; then check_immutable; fi
}

# What k3s was told so far, "FLAG VALUE" a line: in its configuration, then in the command of its service.
told() {
  sed -n "s/[\"']//g; s/^\([a-z-]*\): */\1 /p" /etc/rancher/k3s/config.yaml 2>/dev/null || true
  cat "/etc/systemd/system/$service.service" "/etc/init.d/$service" 2>/dev/null | tr -s "'\"\\\\\n\t =" '\n' \
    | awk 'flag != "" { print flag, $0 } { flag = /^--/ ? substr($0, 3) : "" }'
}

# Sets `current` to what k3s was told of a flag, or to nothing.
current_flag() {
  while read -r name current; do
    if [ "$name" = "$1" ] && [ -n "$current" ]; then return; fi
  done <"$dir/told"
  current=
}

check_immutable() {
  told >"$dir/told"
  [ ! -f "$dir/host/immutable" ] || while read -r flag default wanted; do
    current_flag "$flag"
    [ "${current:-$default}" = "$wanted" ] \
      || fault "runs with '$flag' ${current:-$default}, and a cluster cannot change that to $wanted: set it back, or make the" \
        "cluster anew"
  done <"$dir/host/immutable"
  current_flag datastore-endpoint
  if [ -n "$current" ] \
    || grep -qs '^K3S_DATASTORE_ENDPOINT=' "/etc/systemd/system/$service.service.env" "/etc/rancher/k3s/$service.env"; then
    fault "runs with a datastore of its own ('datastore-endpoint'), which this project does not know"
  fi
  if setting_is encryption false \
    && grep -q '"providers": *\[ *{ *"\(aescbc\|secretbox\)"' "$data/server/cred/encryption-config.json" 2>/dev/null; then
    fault "Secrets are encrypted here, and with 'secretsEncryption: false' k3s could not read them: run 'k3s" \
      "secrets-encrypt disable' and then 'k3s secrets-encrypt reencrypt --force --skip' on a server, and only then set it"
  fi
}

# Keeps what a k3s that is taken over was told.
back_up() {
  backup=/etc/rancher/k3s/before-serverless-federation-$(date -u +%Y%m%dT%H%M%SZ)
  mkdir -p "$backup"
  for file in /etc/rancher/k3s/config.yaml /etc/rancher/k3s/registries.yaml /etc/systemd/system/"$service".service \
    /etc/systemd/system/"$service".service.env /etc/init.d/"$service" /etc/rancher/k3s/"$service".env; do
    if [ -e "$file" ]; then cp -p "$file" "$backup/"; fi
  done
  log "took over the k3s of this host, its configuration is kept in $backup"
}
