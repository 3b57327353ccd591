#!/bin/sh
# Makes this machine a k3s node. Runs on the host as root; safe to run again: where k3s already runs with this
# configuration and version, nothing is written and nothing restarts. Plain sh, for the host may have no bash.
#
# Usage: remote.sh DIR
#
# DIR/host/ holds one file per setting:
#   kind              server or agent
#   node              name of the node
#   version           release of k3s
#   config.yaml       becomes /etc/rancher/k3s/config.yaml
#   labels            labels of the node, key=value a line; may be missing
#   ready             Ready: wait until the node is; Registered: until the API server knows it
#   ready-timeout     seconds to wait for that
#   upgrade-by        plans: leave another version that already runs to system-upgrade-controller
#   installer-url, installer-sha256, installer-releases, installer-skip-download    see below; may be missing
#   kubeconfig-server, cluster    on the first server only: the kubeconfig and the token go to standard output
#   before-NAME.sh    steps to run before k3s is installed, in the order of their names, such as joining a VPN
#   before-NAME.env   environment of such a step, NAME=value a line
#   secret-NAME       where the secret of such a step comes from; not for here
#   manifest-NAME.yaml    on the first server: what its nodes need to become Ready, such as a pod network
# DIR/secrets/NAME holds the secret of the step NAME, whose path the step gets as SECRET_FILE.
# DIR/token holds the join token of every host but the first server.
#
# Standard output is a tar of the kubeconfig and the token, or empty. All else goes to standard error.
set -eu
umask 077

log() { printf '%s: %s\n' "${node:-bootstrap}" "$*" >&2; }

die() {
  log "error: $*"
  exit 1
}

# A setting, or nothing where it is not given.
setting() { if [ -f "$dir/host/$1" ]; then cat "$dir/host/$1"; fi; }

required() {
  [ -s "$dir/host/$1" ] || die "the setting '$1' is missing"
  setting "$1"
}

# Runs a command again and again until it succeeds: wait_for SECONDS WHAT COMMAND...
wait_for() {
  limit=$1 what=$2 waited=0
  shift 2
  until "$@"; do
    [ "$waited" -lt "$limit" ] || die "gave up after $limit s waiting for $what"
    [ $((waited % 30)) -ne 0 ] || log "waiting for $what"
    sleep 2
    waited=$((waited + 2))
  done
}

# Puts a file in its place in one move, mode 0600, where its content differs. The mark outlives a run that is killed
# between writing the configuration and starting k3s with it.
place() {
  if cmp -s "$1" "$2"; then return; fi
  : >"$pending"
  cp "$1" "$2.new"
  mv "$2.new" "$2"
  log "wrote $2"
}

download() {
  if command -v curl >/dev/null; then
    curl --fail --silent --show-error --location --output "$2" -- "$1"
  elif command -v wget >/dev/null; then
    wget -q -O "$2" -- "$1"
  else
    die "found neither curl nor wget, install one of them"
  fi
}

installed_version() {
  if command -v k3s >/dev/null; then k3s --version | sed -n 's/^k3s version \([^ ]*\).*/\1/p'; fi
}

is_older() {
  [ "$1" != "$2" ] && [ "$(printf '%s\n%s\n' "$1" "$2" | sort -V | head -n 1)" = "$1" ]
}

install_k3s() {
  installer=$dir/install.sh
  url=$(setting installer-url)
  log "installing k3s $version"
  download "$url" "$installer" || die "cannot fetch the installer from $url"
  checksum=$(setting installer-sha256)
  if [ -n "$checksum" ]; then
    printf '%s  %s\n' "$checksum" "$installer" | sha256sum -c - >/dev/null 2>&1 \
      || die "the installer from $url has not the checksum $checksum"
  fi
  releases=$(setting installer-releases)
  if [ -n "$releases" ]; then export GITHUB_URL="$releases"; fi
  # The service starts below, where the wait for it is bounded. An upgrade of the SELinux policy is the installer's.
  INSTALL_K3S_VERSION="$version" INSTALL_K3S_EXEC="$kind" INSTALL_K3S_SKIP_START=true \
    INSTALL_K3S_SKIP_DOWNLOAD="$(setting installer-skip-download)" \
    sh "$installer" || die "the installer of k3s failed"
  installed=$(installed_version)
  [ "$installed" = "$version" ] || die "the host has k3s ${installed:-of no version}, not $version, after its installer ran"
}

# The files of k3s's service: has_service NAME
has_service() { [ -e "/etc/systemd/system/$1.service" ] || [ -e "/etc/init.d/$1" ]; }

# The installer looks for OpenRC first, too.
has_openrc() { [ -x /sbin/openrc-run ]; }

is_active() {
  if has_openrc; then
    rc-service "$service" status >/dev/null 2>&1
  else
    systemctl is-active --quiet "$service"
  fi
}

restart() {
  log "starting $service"
  if has_openrc; then
    timeout "$timeout" rc-service "$service" restart || die "$service did not start, see: /var/log/$service.log"
  else
    timeout "$timeout" systemctl restart "$service" || die "$service did not start, see: journalctl -u $service"
  fi
}

# The kubelet's own credentials may read its node, on servers and agents alike.
node_condition() {
  k3s kubectl --kubeconfig /var/lib/rancher/k3s/agent/kubelet.kubeconfig --request-timeout 10s get node "$node" \
    -o 'jsonpath={.metadata.name}/{.status.conditions[?(@.type=="Ready")].status}' 2>/dev/null
}

is_registered() { case $(node_condition) in "$node"/*) ;; *) return 1 ;; esac }
is_ready() { [ "$(node_condition)" = "$node/True" ]; }

# k3s gives a node its labels only when it registers; later ones come here.
label_node() {
  set --
  while IFS= read -r label; do set -- "$@" "$label"; done <"$dir/host/labels"
  k3s kubectl --kubeconfig /var/lib/rancher/k3s/agent/kubelet.kubeconfig --request-timeout 30s \
    label node "$node" --overwrite -- "$@" || die "could not label the node $node"
}

apply_manifest() {
  k3s kubectl apply --server-side --field-manager=serverless-federation -f "$1" >"$dir/apply.log" 2>&1
}

main() {
  dir=$1
  node=$(required node)
  kind=$(required kind)
  version=$(required version)
  timeout=$(required ready-timeout)
  case $kind in
    server) service=k3s other=k3s-agent ;;
    agent) service=k3s-agent other=k3s ;;
    *) die "the kind '$kind' is neither server nor agent" ;;
  esac
  [ "$(id -u)" -eq 0 ] || die "needs root, log in as root or as a user who may use sudo without a password"
  # sudo's path may lack the folders that k3s is installed to.
  PATH=$PATH:/usr/local/bin:/opt/bin
  pending=/etc/rancher/k3s/.restart-pending
  ! has_service "$other" || die "this host already runs as $other, remove that first with $other-uninstall.sh"

  # One run at a time: an earlier one may still be at it when its connection was lost.
  if command -v flock >/dev/null; then
    exec 9>/run/serverless-federation.lock
    wait_for "$timeout" "another bootstrap of this host to end" flock -n 9
  fi

  for step in "$dir"/host/before-*.sh; do
    [ -e "$step" ] || continue
    name=${step##*/before-} name=${name%.sh}
    log "running the step $name"
    (
      if [ -f "${step%.sh}.env" ]; then
        while IFS= read -r line; do export "${line?}"; done <"${step%.sh}.env"
      fi
      umask 022
      SECRET_FILE=$dir/secrets/$name exec sh "$step"
    ) || die "the step $name failed"
  done

  (umask 022 && mkdir -p /etc/rancher/k3s)
  place "$dir/host/config.yaml" /etc/rancher/k3s/config.yaml
  if [ -f "$dir/token" ]; then place "$dir/token" /etc/rancher/k3s/token; fi

  installed=$(installed_version)
  if has_service "$service" && is_older "$version" "$installed"; then
    [ "$(setting upgrade-by)" = plans ] || die "runs k3s $installed already, and k3s cannot go back to $version"
  fi
  if ! has_service "$service" || { [ "$installed" != "$version" ] && [ "$(setting upgrade-by)" != plans ]; }; then
    : >"$pending"
    (umask 022 && install_k3s 3>&- 9>&-) || exit 1
  elif [ "$installed" != "$version" ]; then
    log "runs k3s $installed; the upgrade to $version is left to its plan"
  fi
  if [ -e "$pending" ] || ! is_active; then
    # What starts here must keep neither the connection nor the lock open.
    restart 3>&- 9>&-
    rm -f "$pending"
  else
    log "k3s $installed runs with this configuration, nothing to change"
  fi

  wait_for "$timeout" "the node $node to register" is_registered
  if [ -f "$dir/host/labels" ]; then label_node; fi
  for manifest in "$dir"/host/manifest-*.yaml; do
    [ -e "$manifest" ] || continue
    log "applying ${manifest##*/manifest-}"
    # k3s's own resource kinds appear some time after it has started.
    waited=0
    until apply_manifest "$manifest"; do
      if [ "$waited" -ge "$timeout" ]; then
        cat "$dir/apply.log" >&2
        die "could not apply ${manifest##*/manifest-} within $timeout s"
      fi
      sleep 2
      waited=$((waited + 2))
    done
  done
  if [ "$(required ready)" = Ready ]; then wait_for "$timeout" "the node $node to be Ready" is_ready; fi
  log "k3s is up"

  kubeconfig_server=$(setting kubeconfig-server)
  if [ -n "$kubeconfig_server" ]; then hand_over "$(required cluster)" "$kubeconfig_server"; fi
}

# The admin kubeconfig, with an address that works from elsewhere and the cluster's name, and the join token.
hand_over() {
  mkdir "$dir/out"
  cp /etc/rancher/k3s/k3s.yaml "$dir/out/kubeconfig"
  k3s kubectl --kubeconfig "$dir/out/kubeconfig" config set-cluster default --server="$2" >&2
  k3s kubectl --kubeconfig "$dir/out/kubeconfig" config rename-context default "$1" >&2
  cp /var/lib/rancher/k3s/server/token "$dir/out/token"
  tar -C "$dir/out" -cf - kubeconfig token >&3
}

# The whole script is read before anything runs, and only what is meant for it reaches standard output.
[ $# -eq 1 ] || die "usage: remote.sh DIR"
main "$1" 3>&1 1>&2
