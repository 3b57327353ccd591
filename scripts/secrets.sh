#!/usr/bin/env bash
# Makes the Secrets that the manifests name. See usage().

set -euo pipefail
# shellcheck source=lib.sh
. "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/lib.sh"

usage() {
  cat <<TEXT
Usage: $(script secrets) [OPTION…] [NAME…]
       $(script secrets) --list

Makes the Secrets that the manifests name and that no synth may hold: all of them, or those of these names. One that is
there stays as it is.

The value of each key comes from the first of these that is given:
  --file NAME/KEY=FILE         a file
  NAME_KEY=…                   an environment variable, in capitals, with _ for every other character: the key
                               ssh-privatekey of federation-ssh is FEDERATION_SSH_SSH_PRIVATEKEY
  NAME_KEY_FILE=…              an environment variable that names a file
  a question                   where standard input is a terminal: one line, which is not shown, or @FILE

No value is ever part of a command line or a message.

Options:
  --list                       print which Secrets are needed: cluster, namespace, name, keys
  --replace                    put new values in place of a Secret that is there
$COMMON_OPTIONS
TEXT
}

# What is needed stands in ConfigMap "secrets": a key <cluster>_<namespace>_<name> for each Secret; in its text, the
# first line is the type, and every other a key and what it is.
readonly NEEDED=$FEDERATION_NAMESPACE/secrets

# variable NAME KEY: prints the name of its environment variable.
variable() {
  local name=$1_$2
  name=${name//[^a-zA-Z0-9]/_}
  printf '%s\n' "${name^^}"
}

# value NAME KEY WHAT: puts the path that it can be read from in SOURCE; fails where nobody gives one.
value() {
  local name=$1/$2 variable value='' descriptor
  variable=$(variable "$1" "$2")
  SOURCE=${FILES[$name]-}
  [[ -n $SOURCE ]] || SOURCE=$(printenv "${variable}_FILE") || SOURCE=''
  if [[ -z $SOURCE ]]; then
    value=$(printenv "$variable") || true
    # What ends the last line is lost in variables, and a private key is none without it.
    [[ $value != *$'\n'* ]] || value+=$'\n'
  fi
  if [[ -z $SOURCE && -z $value && -t 0 ]]; then
    IFS= read -rsp "$name, $3 (or @FILE): " value || true
    log ''
    if [[ $value == @* ]]; then SOURCE=${value#@}; fi
  fi
  if [[ -n $SOURCE ]]; then
    [[ -r $SOURCE && ! -d $SOURCE ]] || die "cannot read '$SOURCE', which is to be $name"
  elif [[ -n $value ]]; then
    # printf is part of the shell, so that the value is on no command line, and kubectl reads it as a file.
    exec {descriptor}< <(printf '%s' "$value")
    SOURCE=/dev/fd/$descriptor
  fi
  [[ -n $SOURCE ]]
}

# exists CLUSTER NAMESPACE NAME
exists() { [[ -n $(kube "$1" get secret "$3" -n "$2" --ignore-not-found -o name) ]]; }

# make CLUSTER NAMESPACE NAME TYPE --from-file=KEY=FILE…
make() {
  local cluster=$1 namespace=$2 name=$3
  kube "$cluster" get namespace "$namespace" -o name >/dev/null 2>&1 || kube "$cluster" create namespace "$namespace" >&2
  kubectl create secret generic "$name" -n "$namespace" "--type=$4" "${@:5}" --dry-run=client -o yaml \
    | kube "$cluster" apply --server-side "--field-manager=$FIELD_MANAGER" --force-conflicts -f - >&2
}

LIST=false
REPLACE=false
declare -A FILES=()
while (($#)); do
  case $1 in
    --list) LIST=true && shift ;;
    --replace) REPLACE=true && shift ;;
    --file)
      [[ ${2-} =~ ^([^=/]+/[^=/]+)=(.+)$ ]] || misuse "--file needs NAME/KEY=FILE"
      FILES[${BASH_REMATCH[1]}]=${BASH_REMATCH[2]}
      shift 2
      ;;
    *) common_option "$@" && shift "$TAKEN" ;;
  esac
done
need kubectl

# Read it all first: one line for each Secret, and one for each of its keys.
declare -A TEXTS=() WANTED=()
entries=()
mapfile -t manifests < <(compgen -G "$DIST/bootstrap/*.yaml")
((${#manifests[@]})) || synthesized || no_manifests "$DIST/bootstrap"
for file in "${manifests[@]}"; do
  keys=$(field "$file" ConfigMap "${NEEDED#*/}" '{{range $key, $text := .data}}{{$key}}{{"\n"}}{{end}}')
  while IFS= read -r entry; do
    [[ -n $entry ]] || continue
    entries+=("$entry")
    TEXTS[$entry]=$(data "$file" ConfigMap "${NEEDED#*/}" "$entry")
  done <<<"$keys"
done
for name in "${ARGS[@]}"; do WANTED[$name]=missing; done

clusters=()
chosen=()
for entry in "${entries[@]}"; do
  IFS=_ read -r cluster namespace name <<<"$entry"
  ((${#ARGS[@]} == 0)) || [[ -v WANTED[$name] ]] || continue
  WANTED[$name]=found
  chosen+=("$entry")
  [[ " ${clusters[*]} " == *" $cluster "* ]] || clusters+=("$cluster")
done
for name in "${!WANTED[@]}"; do
  [[ ${WANTED[$name]} == found ]] || die "no manifest needs a Secret '$name': $(script secrets) --list says which are needed"
done
((${#chosen[@]})) || {
  log "the manifests need no Secrets"
  exit 0
}

if $LIST; then
  for entry in "${chosen[@]}"; do
    IFS=_ read -r cluster namespace name <<<"$entry"
    mapfile -t lines <<<"${TEXTS[$entry]}"
    for line in "${lines[@]:1}"; do
      read -r key what <<<"$line"
      [[ -z $key ]] || printf '%s\t%s\t%s\t%s\t%s\n' "$cluster" "$namespace" "$name" "$key" "$what"
    done
  done
  exit 0
fi
main_cluster "${clusters[@]}"
need_kubeconfig "${clusters[@]}"
$DRY_RUN || for cluster in "${clusters[@]}"; do reach "$cluster"; done

missing=()
for entry in "${chosen[@]}"; do
  IFS=_ read -r cluster namespace name <<<"$entry"
  if $DRY_RUN; then
    echo "# makes Secret $namespace/$name on $cluster, where it is not there yet"
    continue
  fi
  if exists "$cluster" "$namespace" "$name" && ! $REPLACE; then
    log "Secret $namespace/$name is on $cluster already"
    continue
  fi
  mapfile -t lines <<<"${TEXTS[$entry]}"
  given=()
  complete=true
  for line in "${lines[@]:1}"; do
    read -r key what <<<"$line"
    [[ -n $key ]] || continue
    if value "$name" "$key" "$what"; then
      given+=("--from-file=$key=$SOURCE")
    else
      complete=false
      missing+=("$name/$key, $what: give --file $name/$key=FILE or $(variable "$name" "$key")")
    fi
  done
  if $complete; then
    make "$cluster" "$namespace" "$name" "${lines[0]}" "${given[@]}"
    log "made Secret $namespace/$name on $cluster"
  fi
done
((${#missing[@]} == 0)) || die "no value for:$(printf '\n  %s' "${missing[@]}")"
