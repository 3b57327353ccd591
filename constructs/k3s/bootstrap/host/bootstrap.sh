# Makes this host a k3s node.
# shellcheck shell=sh disable=SC2034,SC2154 # the parts of remote.sh share their variables

read_settings() {
  required node node
  required cluster cluster
  required kind kind
  required timeout ready-timeout
  case $kind in
    server) service=k3s other=k3s-agent ;;
    agent) service=k3s-agent other=k3s ;;
    *) die "the kind '$kind' is neither server nor agent" ;;
  esac
  [ "$(id -u)" -eq 0 ] || die "needs root, log in as root or as a user who may use sudo without a password"
  # sudo's path may lack the folders that k3s is installed to.
  PATH=$PATH:/usr/local/bin:/opt/bin
  if [ -f "$dir/host/environment" ]; then
    while IFS= read -r line; do export "${line?}"; done <"$dir/host/environment"
  fi
}

# One run at a time: an earlier one may still be at it when its connection was lost.
lock() {
  command -v flock >/dev/null || return 0
  exec 9>/run/serverless-federation.lock
  wait_for "$timeout" "another run on this host to end" flock -n 9
}

run_steps() {
  for step in "$dir"/host/before-*.sh; do
    [ -e "$step" ] || continue
    name=${step##*/before-} name=${name%.sh}
    log "running the step $name"
    (
      if [ -f "${step%.sh}.env" ]; then
        while IFS= read -r line; do export "${line?}"; done <"${step%.sh}.env"
      fi
      umask 022
      STEP_TIMEOUT=$timeout SECRET_FILE=$dir/secrets/$name exec sh "$step" 3>&- 9>&-
    ) || die "the step $name failed"
  done
}

# Brings k3s to its configuration and version, and has it run with them.
bring_up() {
  my_turn=
  if must_install; then fetch_installer; fi
  open_folder "$data" # what is below it is for root alone
  prepare_files
  if must_install || files_differ || [ -e "$record/pending" ] || ! is_active; then
    if must_install && has_service "$service"; then wait_for_servers; fi
    take_turn
    [ -z "$adopting" ] || back_up
    place_files
    fetch_images
    if must_install; then
      (umask 022 && install_k3s 3>&- 9>&-) || exit 1
      place_files # the installer writes the service's environment, too
    fi
    # What starts here must keep neither the connection nor the lock open.
    restart 3>&- 9>&-
    rm -f "$record/pending"
  else
    keep_record # for hosts that have none
    if [ "$installed" != "$version" ]; then log "runs k3s $installed; the upgrade to $version is left to its plan"; fi
    log "k3s $installed runs with this configuration, nothing to change"
  fi
}

# k3s's own resource kinds appear some time after it has started.
apply_manifests() {
  for manifest in "$dir"/host/manifest-*.yaml; do
    [ -e "$manifest" ] || continue
    log "applying ${manifest##*/manifest-}"
    try_for "$timeout" "${manifest##*/manifest-} to be taken" apply_manifest "$manifest" || {
      cat "$dir/apply.log" >&2
      fail "could not apply ${manifest##*/manifest-} within $timeout s"
    }
  done
}

apply_manifest() {
  k3s kubectl apply --server-side --field-manager=serverless-federation --request-timeout 60s -f "$1" >"$dir/apply.log" 2>&1
}

bootstrap() {
  read_settings
  required version version
  lock

  faults=0
  check_ownership
  check_version
  check_cgroups
  check_clock
  check_wireguard
  check_ports
  end_checks

  run_steps
  choose_config
  check_node_password
  bring_up

  try_for "$timeout" "the node $node to register" is_registered \
    || fail "gave up after $timeout s waiting for the node $node to register"
  apply_manifests
  wait_until_up
  end_turn
  record_node
  update_nodes
  log "k3s is up"
  setting kubeconfig_server kubeconfig-server
  if [ -n "$kubeconfig_server" ]; then hand_over "$kubeconfig_server"; fi
}
