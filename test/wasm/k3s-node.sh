#!/usr/bin/env bash
# Stands in for what the installer finds on a node: `nsenter`, which takes it there, and there systemctl, k3s, and k3s's
# containerd, a real one. A restart of k3s renders containerd's configuration by k3s's rules (pkg/agent/containerd), from
# a base that holds only what the rules are about, and fails where containerd refuses the result.
#
# Environment: NODE        folder of the node
#              CONTAINERD  the containerd in its k3s
#              K3S_VERSION release of k3s
#              RENDERS     3 or 2: version of the configuration that this k3s renders by itself
#              IMPORTS     1: its base imports the drop-in folder
#              SAID        folder with what the real containerd has said
set -euo pipefail

etc=$K3S_DATA_DIR/agent/etc/containerd

base() {
  local version=$1 table
  echo "version = $version"
  case $version in
    3) table="plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes" folder=config-v3.toml.d ;;
    2) table='plugins."io.containerd.grpc.v1.cri".containerd.runtimes' folder=config.toml.d ;;
  esac
  if [[ ${IMPORTS:-} == 1 ]]; then echo "imports = [\"$etc/$folder/*.toml\"]"; fi
  printf "\n[%s.runc]\n  runtime_type = \"io.containerd.runc.v2\"\n" "$table"
  if [[ -x $NODE/usr/local/bin/containerd-shim-spin-v2 ]]; then
    printf "\n[%s.'spin']\n  runtime_type = \"io.containerd.spin.v2\"\n" "$table"
    printf "[%s.'spin'.options]\n  BinaryName = \"%s\"\n" "$table" "$NODE/usr/local/bin/containerd-shim-spin-v2"
  fi
}

render() {
  local version=$RENDERS template=
  if [[ $RENDERS == 3 && -f $etc/config-v3.toml.tmpl ]]; then
    template=$etc/config-v3.toml.tmpl
  elif [[ -f $etc/config.toml.tmpl ]]; then
    template=$etc/config.toml.tmpl version=2
  fi
  if [[ -z $template ]]; then
    base "$version"
    return
  fi
  while IFS= read -r line || [[ -n $line ]]; do
    if [[ $line == '{{ template "base" . }}' ]]; then base "$version"; else printf '%s\n' "$line"; fi
  done <"$template"
}

start() {
  render >"$etc/config.toml"
  containerd --config "$etc/config.toml" config dump >/dev/null
}

# containerd --config FILE config dump: what it says of the same configuration on any node it says once for all tests, for
# to start it takes longer than all else that the installer does. Complaints are not kept.
containerd() {
  local imported=("$etc"/*.d/*.toml) file text kept
  [[ -e ${imported[0]} ]] || imported=()
  text="$CONTAINERD ${imported[*]}"
  for file in "$2" "${imported[@]}"; do text+=$'\n'$(<"$file"); done
  kept=$(sha256sum <<<"${text//"$NODE"/@node@}")
  kept=$SAID/${kept%% *}
  if [[ ! -e $kept ]]; then
    text=$("$CONTAINERD" "$@") || exit
    printf '%s\n' "${text//"$NODE"/@node@}" >"$kept-$$"
    mv "$kept-$$" "$kept"
  fi
  text=$(<"$kept")
  printf '%s\n' "${text//@node@/"$NODE"}"
}

# run PROGRAM ARGUMENT…
run() {
  local program=$1
  shift
  case ${program##*/} in
    nsenter)
      while [[ $1 != -- ]]; do shift; done
      run "${@:2}"
      ;;
    containerd) containerd "$@" ;;
    k3s) if [[ $1 == --version ]]; then echo "k3s version $K3S_VERSION (0000000)"; fi ;;
    systemctl)
      case $1 in
        list-units) echo 'k3s-agent.service loaded active running Lightweight Kubernetes' ;;
        restart)
          echo "restart $2" >>"$NODE/restarts"
          start
          ;;
        start) start ;;
      esac
      ;;
    *) exec "$program" "$@" ;;
  esac
}

run "$0" "$@"
