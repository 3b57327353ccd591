# shellcheck shell=bash disable=SC2034 # results are for the scripts that source this
# What the scripts about hosts share, on top of lib.sh: which hosts there are, and how an action runs on one.

# Options of these scripts, for usage().
readonly HOST_OPTIONS="\
  --ssh-dir DIR                folder with ssh-privatekey and known_hosts, to use instead of your own SSH configuration
  --secrets-dir DIR            folder with the secrets that hosts need, SECRET/KEY each (default: .secrets in the project)
  --kubeconfig-dir DIR         kubeconfig folder (default: \$KUBECONFIG_DIR, else .kube in the project)
  --dist DIR                   the synthesized manifests (default: dist in the project)
  --timeout SECONDS            how long one wait may last (default: what federation.yaml says)"

SSH_DIR='' SECRETS_DIR=$ROOT/.secrets HOST_TIMEOUT=''
# Names of the hosts, first servers first in each cluster; the cluster and the folder with the settings of each.
HOSTS=()
declare -A CLUSTER_OF=() SETTINGS_OF=()

# host_option ARGUMENT…: takes the first option or argument, as common_option does.
host_option() {
  case $1 in
    --ssh-dir | --ssh-dir=*) take_value "$@" && SSH_DIR=$VALUE ;;
    --secrets-dir | --secrets-dir=*) take_value "$@" && SECRETS_DIR=$VALUE ;;
    *)
      common_option "$@"
      case $1 in --timeout | --timeout=*) HOST_TIMEOUT=$TIMEOUT ;; esac
      ;;
  esac
}

# read_hosts: unpacks what dist/bootstrap holds, a folder of $WORK/maps for each ConfigMap and a file for each of its
# keys, byte for byte; sets HOSTS, CLUSTER_OF and SETTINGS_OF. A federation of clusters that exist has none.
read_hosts() {
  local map key text template file
  local -A folders=() files=()
  if ! has_manifests "$DIST/bootstrap"; then
    synthesized || no_manifests "$DIST/bootstrap"
    return
  fi
  [[ -z $SSH_DIR || -r $SSH_DIR/ssh-privatekey && -r $SSH_DIR/known_hosts ]] \
    || die "'$SSH_DIR' must hold ssh-privatekey and known_hosts"
  # shellcheck disable=SC2016 # the template's variables
  template='{{if eq .kind "ConfigMap"}}{{$name := .metadata.name}}{{range $key, $value := .data}}{{$name}}{{"\x00"}}{{$key}}{{"\x00"}}{{$value}}{{"\x00"}}{{end}}{{end}}'
  while IFS= read -r -d '' map && IFS= read -r -d '' key && IFS= read -r -d '' text; do
    map=$WORK/maps/$map
    folders[$map]=wanted
    files["$map/$key"]=$text
    if [[ $key == node ]]; then
      HOSTS+=("$text")
      SETTINGS_OF[$text]=$map
      CLUSTER_OF[$text]=${files["$map/cluster"]}
    fi
  done < <(print_each "$DIST/bootstrap" "$template")
  wait "$!" || die "cannot read '$DIST/bootstrap'"
  mkdir -p "$WORK/maps" "${!folders[@]}"
  for file in "${!files[@]}"; do printf '%s' "${files[$file]}" >"$file"; done
}

readonly NO_HOSTS='this federation has no hosts: all its clusters exist already'

# need_host NAME: ends the script where there is no such host.
need_host() {
  ((${#HOSTS[@]})) || misuse "no host '$1': $NO_HOSTS"
  [[ -n ${SETTINGS_OF[$1]-} ]] || misuse "no host '$1', there are: ${HOSTS[*]}"
}

# setting_of NAME KEY: prints what federation.yaml says about a host, nothing where it does not.
setting_of() { [[ ! -e ${SETTINGS_OF[$1]}/$2 ]] || printf '%s\n' "$(<"${SETTINGS_OF[$1]}/$2")"; }

# token_of CLUSTER: prints the path of its join token.
token_of() { printf '%s\n' "$KUBECONFIG_DIR/$1.token"; }

# no_token CLUSTER: prints that it has none here, and the ways out.
no_token() {
  printf '%s\n' "no join token of the cluster '$1': there is no '$(token_of "$1")'; bootstrap its first server first, or, where Jobs did, bring the Secret $1-token over from the management cluster"
}

# lacking NAME: prints which secrets for its bootstrap are not here, a line each.
lacking() {
  local setting source
  for setting in "${SETTINGS_OF[$1]}"/secret-*; do
    [[ -e $setting ]] || continue
    source=$SECRETS_DIR/$(<"$setting")
    [[ -s $source ]] || printf "the step '%s' needs a secret: put it into '%s'\n" "${setting##*/secret-}" "$source"
  done
}

# show_ssh NAME ACTION: prints what on_host would run, for a dry run.
show_ssh() {
  local jump
  jump=$(setting_of "$1" jump)
  show_command ssh -p "$(setting_of "$1" port)" -l "$(setting_of "$1" user)" ${jump:+-J "$jump"} \
    -- "$(setting_of "$1" address)" sh remote.sh "$2"
}

# on_host NAME ACTION [VARIABLE=VALUE…]: runs an action of remote.sh on a host, with its output on standard error, each
# line with the host's name; what the host sends back goes to $WORK/out/NAME. The last fault is then in $WORK/faults/NAME.
on_host() {
  local name=$1 secrets=$WORK/secrets/$1 setting lacks
  mkdir -p "$secrets" "$WORK/out/$name" "$WORK/faults"
  if [[ $2 == bootstrap ]]; then
    lacks=$(lacking "$name")
    [[ -z $lacks ]] || host_fault "$name" "${lacks%%$'\n'*}" || return
    for setting in "${SETTINGS_OF[$name]}"/secret-*; do
      [[ ! -e $setting ]] || cp "$SECRETS_DIR/$(<"$setting")" "$secrets/${setting##*/secret-}"
    done
  fi
  [[ -z $HOST_TIMEOUT ]] || printf '%s\n' "$HOST_TIMEOUT" >"${SETTINGS_OF[$name]}/ready-timeout"
  env HOST_DIR="${SETTINGS_OF[$name]}" OUT_DIR="$WORK/out/$name" SECRETS_DIR="$secrets" ACTION="$2" \
    REMOTE_SCRIPT="$WORK/maps/bootstrap-scripts/remote.sh" ${SSH_DIR:+SSH_DIR="$SSH_DIR"} "${@:3}" \
    sh "$WORK/maps/bootstrap-scripts/connect.sh" 2>&1 | name_lines "$name"
}

# host_fault NAME MESSAGE: says it, keeps it for the end, and fails.
host_fault() {
  log "$1: error: $2"
  printf '%s\n' "$2" >"$WORK/faults/$1"
  return 1
}

name_lines() {
  local line
  while IFS= read -r line; do
    line=${line#"$1: "}
    log "$1: $line"
    # The first tells more than those that follow from it.
    if [[ $line == 'error: '* && ! -s $WORK/faults/$1 ]]; then printf '%s\n' "${line#error: }" >"$WORK/faults/$1"; fi
  done
}
