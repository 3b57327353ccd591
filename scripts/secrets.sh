#!/usr/bin/env bash
# Makes the Secrets that the manifests name. See usage().

set -euo pipefail
here=$(readlink -f "${BASH_SOURCE[0]}")
# shellcheck source=lib.sh
. "${here%/*}/lib.sh"

usage() {
  cat <<TEXT
Usage: $(script secrets) [OPTION…] [NAME…]
       $(script secrets) --list

Makes the Secrets that the manifests name and that no synth may hold: all of them, or those of these names. One that is
there stays as it is. What is for a cluster that has no kubeconfig yet is told at the end, and left for another run.

The value of each key comes from the first of these that is given:
  --file NAME/KEY=FILE         a file
  NAME_KEY=…                   an environment variable, in capitals, with _ for every other character: the key
                               ssh-privatekey of federation-ssh is FEDERATION_SSH_SSH_PRIVATEKEY
  NAME_KEY_FILE=…              an environment variable that names a file
  a question                   where standard input is a terminal: one line, which is not shown, or @FILE

No value is ever part of a command line or a message.

Options:
  --cluster CLUSTER            only those of this cluster; may be given several times
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

# value NAME KEY WHAT: puts the path that it can be read from in SOURCE; fails where nobody gives one that can, and says in
# WAY_OUT what to do then. A dry run asks nobody.
value() {
  local name=$1/$2 variable value='' descriptor
  variable=$(variable "$1" "$2")
  WAY_OUT="give --file $name=FILE or $variable"
  SOURCE=${FILES[$name]-}
  [[ -n $SOURCE ]] || SOURCE=$(printenv "${variable}_FILE") || SOURCE=''
  if [[ -z $SOURCE ]]; then
    value=$(printenv "$variable") || true
    # What ends the last line is lost in variables, and a private key is none without it.
    [[ $value != *$'\n'* ]] || value+=$'\n'
  fi
  if [[ -z $SOURCE && -z $value && -t 0 ]] && ! $DRY_RUN; then
    IFS= read -rsp "$name, $3 (or @FILE): " value || true
    log ''
    if [[ $value == @* ]]; then SOURCE=${value#@}; fi
  fi
  if [[ -n $SOURCE ]]; then
    if [[ ! -r $SOURCE || -d $SOURCE ]]; then
      WAY_OUT="cannot read '$SOURCE'"
      return 1
    fi
    # kubectl takes no path with a comma or an equals sign in it.
    exec {descriptor}<"$SOURCE"
    SOURCE=/dev/fd/$descriptor
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
declare -A FILES=() ONLY=()
while (($#)); do
  case $1 in
    --list) LIST=true && shift ;;
    --replace) REPLACE=true && shift ;;
    --cluster | --cluster=*) take_value "$@" && ONLY[$VALUE]=true && shift "$TAKEN" ;;
    --file | --file=*)
      take_value "$@" && shift "$TAKEN"
      [[ $VALUE =~ ^([^=/]+/[^=/]+)=(.+)$ ]] || misuse "--file must be NAME/KEY=FILE, got '$VALUE'"
      FILES[${BASH_REMATCH[1]}]=${BASH_REMATCH[2]}
      ;;
    *) common_option "$@" && shift "$TAKEN" ;;
  esac
done
need kubectl

# Read it all first: one line for each Secret, and one for each of its keys.
declare -A TEXTS=() WANTED=() KEYS=()
entries=()
if has_manifests "$DIST/bootstrap"; then
  read_data TEXTS "$DIST/bootstrap" "${NEEDED#*/}"
elif ! synthesized; then
  no_manifests "$DIST/bootstrap"
fi
((${#TEXTS[@]} == 0)) || mapfile -t entries < <(printf '%s\n' "${!TEXTS[@]}" | sort)
for entry in "${entries[@]}"; do
  while read -r key _; do KEYS["${entry##*_}/$key"]=needed; done <<<"${TEXTS[$entry]#*$'\n'}"
done
for name in "${!FILES[@]}"; do
  [[ -v KEYS[$name] ]] || misuse "--file names '$name', which no manifest needs: $(script secrets) --list says which secrets and keys are needed"
done
for name in "${ARGS[@]}"; do WANTED[$name]=missing; done

clusters=()
chosen=()
for entry in "${entries[@]}"; do
  IFS=_ read -r cluster namespace name <<<"$entry"
  ((${#ARGS[@]} == 0)) || [[ -v WANTED[$name] ]] || continue
  ((${#ONLY[@]} == 0)) || [[ -v ONLY[$cluster] ]] || continue
  [[ ! -v ONLY[$cluster] ]] || ONLY[$cluster]=found
  WANTED[$name]=found
  chosen+=("$entry")
  [[ " ${clusters[*]} " == *" $cluster "* ]] || clusters+=("$cluster")
done
for name in "${!WANTED[@]}"; do
  [[ ${WANTED[$name]} == found ]] || misuse "no manifest needs a Secret '$name': $(script secrets) --list says which are needed"
done
for cluster in "${!ONLY[@]}"; do
  [[ ${ONLY[$cluster]} == found ]] || misuse "no manifest needs a Secret on the cluster '$cluster': $(script secrets) --list says which are needed"
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
# A cluster that is made only later has no kubeconfig yet.
declare -A LATER=()
there=()
for cluster in "${clusters[@]}"; do
  if $DRY_RUN || [[ -v ONLY[$cluster] || -v KUBECONFIGS[$cluster] || -r $(kubeconfig_of "$cluster") ]]; then
    there+=("$cluster")
  else
    LATER[$cluster]=true
  fi
done
((${#there[@]})) || there=("${clusters[@]}")
need_kubeconfig "${there[@]}"
$DRY_RUN || for cluster in "${there[@]}"; do reach "$cluster"; done

missing=()
left=()
for entry in "${chosen[@]}"; do
  IFS=_ read -r cluster namespace name <<<"$entry"
  if [[ -v LATER[$cluster] ]]; then
    left+=("$namespace/$name on $cluster: there is no '$(kubeconfig_of "$cluster")'")
    continue
  fi
  if $DRY_RUN; then
    echo "# makes Secret $namespace/$name on $cluster, where it is not there yet"
  elif exists "$cluster" "$namespace" "$name" && ! $REPLACE; then
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
      missing+=("$name/$key, $what: $WAY_OUT")
    fi
  done
  if $complete && ! $DRY_RUN; then
    make "$cluster" "$namespace" "$name" "${lines[0]}" "${given[@]}"
    log "made Secret $namespace/$name on $cluster"
  fi
done
if ((${#left[@]})); then
  log "left for later, when their clusters have a kubeconfig:$(printf '\n  %s' "${left[@]}")"
fi
if ((${#missing[@]})); then
  message="no value for:$(printf '\n  %s' "${missing[@]}")"
  if $DRY_RUN; then warn "$message"; else die "$message"; fi
fi
((${#left[@]} == 0)) || die "${#left[@]} of ${#chosen[@]} Secrets are not made yet"
