#!/usr/bin/env bash
# Makes hosts into k3s nodes from here, over SSH. See usage().

set -euo pipefail
# shellcheck source=lib.sh
. "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/lib.sh"

usage() {
  cat <<TEXT
Usage: scripts/bootstrap.sh [OPTION…] HOST…
       scripts/bootstrap.sh [OPTION…] --all

Makes hosts into k3s nodes over SSH, with the settings and the scripts that dist/bootstrap holds for its Jobs: the way
without a management cluster. First servers come first, then further servers, then agents, whatever their order here.
Running it again changes nothing where k3s runs already with its configuration and version.

HOST is the name of a host in federation.yaml. SSH must reach it without a question: with a key that may log in, and its
host key in known_hosts. Your own SSH configuration holds, but for the address, the port and the user.

The kubeconfig and the join token of a cluster go to CLUSTER.kubeconfig and CLUSTER.token in the kubeconfig folder, for
your eyes only. The hosts that join a cluster need that token.

Options:
  --all                        all hosts of all clusters
  --ssh-dir DIR                folder with ssh-privatekey and known_hosts, to use instead of your own SSH configuration
  --secrets-dir DIR            folder with the secrets that steps need, SECRET/KEY each (default: .secrets in the project)
  --kubeconfig-dir DIR         kubeconfig folder (default: \$KUBECONFIG_DIR, else .kube in the project)
  --dist DIR                   the synthesized manifests (default: dist in the project)
  --timeout SECONDS            how long to wait for a node (default: what federation.yaml says)
  --dry-run                    print what would be run and each host's configuration, and run nothing
  -h, --help                   this text
TEXT
}

# hosts: one line for each host, first servers first in each cluster: its name, its cluster, and the ConfigMap and the
# file that hold its settings.
hosts() {
  local file host
  for file in "$DIST"/bootstrap/*.yaml; do
    # shellcheck disable=SC2016 # the template's variables; only the ConfigMap of a host has a node
    each_object "$file" '{{$name := .metadata.name}}{{with .data}}{{with .node}}{{.}} {{$.data.cluster}} {{$name}}{{"\n"}}{{end}}{{end}}' \
      | while IFS= read -r host; do [[ -z $host ]] || printf '%s %s\n' "$host" "$file"; done
  done
}

# unpack FILE CONFIGMAP DIR: writes each key of a ConfigMap to a file of its name, byte for byte.
unpack() {
  local key value template
  # shellcheck disable=SC2016 # the template's variables
  template='{{if and (eq .kind "ConfigMap") (eq .metadata.name "'$2'")}}{{range $key, $value := .data}}{{$key}}{{"\x00"}}{{$value}}{{"\x00"}}{{end}}{{end}}'
  kubectl annotate --local --overwrite --kubeconfig /dev/null -f "$1" -o "go-template=$template" read=locally \
    | while IFS= read -r -d '' key && IFS= read -r -d '' value; do printf '%s' "$value" >"$3/$key"; done
}

# unpack_secrets HOST_DIR DIR: puts the secrets that the host's steps need where connect.sh looks for them.
unpack_secrets() {
  local setting source
  for setting in "$1"/secret-*; do
    [[ -e $setting ]] || continue
    source=$SECRETS_DIR/$(<"$setting")
    $DRY_RUN && continue
    [[ -s $source ]] || die "the step '${setting##*/secret-}' needs a secret: put it into '$source'"
    cp "$source" "$2/${setting##*/secret-}"
  done
}

# bootstrap NAME CLUSTER CONFIGMAP FILE
bootstrap() {
  local name=$1 cluster=$2 host=$WORK/$1 token=$KUBECONFIG_DIR/$2.token
  mkdir -p "$host/settings" "$host/secrets" "$host/out"
  unpack "$4" "$3" "$host/settings"
  unpack_secrets "$host/settings" "$host/secrets"
  [[ -z $READY_TIMEOUT ]] || printf '%s\n' "$READY_TIMEOUT" >"$host/settings/ready-timeout"

  log "$name: $(<"$host/settings/kind") of the cluster '$cluster', k3s $(<"$host/settings/version")"
  if $DRY_RUN; then
    show_command ssh -p "$(<"$host/settings/port")" -l "$(<"$host/settings/user")" -- "$(<"$host/settings/address")" sh remote.sh
    sed 's/^/# /' "$host/settings/config.yaml"
    return
  fi
  local environment=(HOST_DIR="$host/settings" OUT_DIR="$host/out" SECRETS_DIR="$host/secrets" REMOTE_SCRIPT="$WORK/scripts/remote.sh")
  [[ -z $SSH_DIR ]] || environment+=(SSH_DIR="$SSH_DIR")
  if [[ ! -e $host/settings/kubeconfig-server ]]; then
    [[ -s $token ]] || die "no join token of the cluster '$cluster': there is no '$token'; bootstrap its first server first"
    environment+=(TOKEN_FILE="$token")
  fi
  env "${environment[@]}" sh "$WORK/scripts/connect.sh" || die "host '$name' is not up"

  [[ -e $host/out/kubeconfig ]] || return 0
  mkdir -p "$KUBECONFIG_DIR"
  # Made with the mode 0600, and moved so that no half file is ever there.
  mv -f "$host/out/kubeconfig" "$KUBECONFIG_DIR/$cluster.kubeconfig"
  mv -f "$host/out/token" "$token"
  log "wrote $KUBECONFIG_DIR/$cluster.kubeconfig and $cluster.token"
}

umask 077
ALL=false SSH_DIR='' SECRETS_DIR=$ROOT/.secrets READY_TIMEOUT=''
while (($#)); do
  case $1 in
    --all) ALL=true && shift ;;
    --ssh-dir | --secrets-dir)
      [[ -n ${2-} ]] || misuse "$1 needs a value"
      if [[ $1 == --ssh-dir ]]; then SSH_DIR=$2; else SECRETS_DIR=$2; fi
      shift 2
      ;;
    --timeout | --timeout=*) common_option "$@" && READY_TIMEOUT=$TIMEOUT && shift "$TAKEN" ;;
    *) common_option "$@" && shift "$TAKEN" ;;
  esac
done
need kubectl ssh tar
[[ -d $DIST/bootstrap ]] || die "there is no '$DIST/bootstrap'; \"npm run synth\" makes it"
[[ -z $SSH_DIR || -r $SSH_DIR/ssh-privatekey && -r $SSH_DIR/known_hosts ]] \
  || die "'$SSH_DIR' must hold ssh-privatekey and known_hosts"

HOSTS=$(hosts)
[[ -n $HOSTS ]] || die "federation.yaml has no hosts: all clusters exist already"
if $ALL; then
  ((${#ARGS[@]} == 0)) || misuse "give either hosts or --all"
else
  ((${#ARGS[@]} > 0)) || misuse "which hosts? There are: $(cut -d ' ' -f 1 <<<"$HOSTS" | tr '\n' ' ')"
  for name in "${ARGS[@]}"; do
    cut -d ' ' -f 1 <<<"$HOSTS" | grep -qxF -- "$name" \
      || misuse "no host '$name', there are: $(cut -d ' ' -f 1 <<<"$HOSTS" | tr '\n' ' ')"
  done
fi

WORK=$(mktemp -d)
trap 'rm -rf "$WORK"' EXIT
mkdir "$WORK/scripts"
for file in "$DIST"/bootstrap/*.yaml; do
  [[ -e $WORK/scripts/connect.sh ]] || unpack "$file" bootstrap-scripts "$WORK/scripts"
done

while read -r name cluster configmap file <&3; do
  if $ALL || printf '%s\n' "${ARGS[@]}" | grep -qxF -- "$name"; then bootstrap "$name" "$cluster" "$configmap" "$file"; fi
done 3<<<"$HOSTS"
