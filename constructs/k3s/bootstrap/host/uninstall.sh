# Takes k3s and its data from this host.
# shellcheck shell=sh disable=SC2034,SC2154 # the parts of remote.sh share their variables

uninstall() {
  read_settings
  lock
  if ! has_service "$service"; then
    log "runs no $service: nothing to uninstall"
    return
  fi
  read_line known "$record/cluster"
  [ "$known" = "$cluster" ] \
    || die "runs a k3s that is not of the cluster '$cluster': remove that yourself, with $service-uninstall.sh"
  log "uninstalling k3s"
  timeout "$timeout" "$service-uninstall.sh" >&2 || die "$service-uninstall.sh failed, or took longer than $timeout s"
  rm -rf /etc/rancher/node
  for unit in k3s k3s-agent; do rm -rf "/etc/systemd/system/$unit.service.d/10-vpn.conf"; done
  log "k3s is gone; a VPN's client stays, its own tools remove it"
}
