#!/usr/bin/env bash
# Stands in for k3s and for systemd on a node, by the name that it is called with; containerd is real, and so is what it
# is told. `k3s agent` starts it as k3s does: it renders the configuration from its template, which may extend what k3s
# itself would write (/run/k3s/base.toml). Containers outlive a restart, as they do with k3s.
set -euo pipefail

etc=/var/lib/rancher/k3s/agent/etc/containerd
state=/run/k3s

render() {
  local line
  if [[ ! -f $etc/config.toml.tmpl ]]; then
    cat "$state/base.toml"
    return
  fi
  while IFS= read -r line; do
    if [[ $line == '{{ template "base" . }}' ]]; then cat "$state/base.toml"; else printf '%s\n' "$line"; fi
  done <"$etc/config.toml.tmpl"
}

agent() {
  local code
  while true; do
    render >"$etc/config.toml"
    containerd --config "$etc/config.toml" &
    echo "$!" >"$state/containerd.pid"
    code=0
    wait "$!" || code=$?
    [[ -e $state/restart ]] || exit "$code"
    rm "$state/restart"
  done
}

restart() {
  : >"$state/restart"
  kill "$(<"$state/containerd.pid")"
  while [[ -e $state/restart ]]; do sleep 0.1; done
}

case "${0##*/} $1" in
  'k3s agent') agent ;;
  'k3s ctr') shift && exec ctr "$@" ;;
  'k3s --version') echo 'k3s version v1.28.8+k3s1 (00000000)' ;; # one of containerd 1
  'systemctl list-units') echo 'k3s-agent.service loaded active running Lightweight Kubernetes' ;;
  'systemctl restart') restart ;;
  *)
    echo "${0##*/} $*: unknown here" >&2
    exit 1
    ;;
esac
