# shellcheck shell=bash disable=SC2034 # constants and results are for the scripts that source this
# What the scripts share: messages, options, dry runs, reading manifests, reaching clusters, waiting.
#
# A script sources this file, defines usage(), and takes its options apart so:
#
#   while (($#)); do
#     case $1 in
#       --own) own=true && shift ;;
#       --other | --other=*) take_value "$@" && other=$VALUE && shift "$TAKEN" ;;
#       *) common_option "$@" && shift "$TAKEN" ;;
#     esac
#   done
#
# Positional arguments are then in ARGS.

set -euo pipefail

if ((BASH_VERSINFO[0] * 100 + BASH_VERSINFO[1] < 404)); then
  echo "${0##*/}: bash 4.4 or newer is needed, this is $BASH_VERSION" >&2
  exit 1
fi
# What fails in $(…) ends the script, too.
shopt -s inherit_errexit
# File names sort as the synth sorts them, whatever the operator's language.
export LC_ALL=C

# Clusters that have a name beside the members'.
readonly MANAGEMENT=management HOST=host KARMADA=karmada ARGOCD=argocd
# Namespace of what is about the federation itself, on any cluster.
readonly FEDERATION_NAMESPACE=serverless-federation
# Whose --kubeconfig it is before a script knows its cluster: no cluster is called so.
readonly MAIN=.
readonly FIELD_MANAGER=serverless-federation

SCRIPTS=$(cd "${BASH_SOURCE[0]%/*}" && pwd)
# The folder that holds dist/ and .kube/: the one that the command was called in, where it has called this script; else
# the project's own. And what a user types for another script, for the synth, and for this one.
if [[ -n ${SERVERLESS_FEDERATION_PROJECT-} ]]; then
  ROOT=$SERVERLESS_FEDERATION_PROJECT
  SYNTH='serverless-federation synth'
  script() { printf 'serverless-federation %s\n' "$1"; }
  SELF=${0##*/}
  SELF=$(script "${SELF%.sh}")
else
  ROOT=${SCRIPTS%/*}
  SYNTH='npm run synth'
  script() { printf 'scripts/%s.sh\n' "$1"; }
  SELF=${0##*/}
fi
DIST=$ROOT/dist
KUBECONFIG_DIR=${KUBECONFIG_DIR-$ROOT/.kube}
TIMEOUT=600
DRY_RUN=false
ARGS=()
TAKEN=0
VALUE=''
declare -A KUBECONFIGS=() CONTEXTS=()

# Options of every script, for usage().
readonly COMMON_OPTIONS="\
  --kubeconfig [CLUSTER=]FILE  kubeconfig of a cluster (default: <cluster>.kubeconfig in the kubeconfig folder)
  --context [CLUSTER=]NAME     context in that file (default: the file's current one)
  --kubeconfig-dir DIR         kubeconfig folder (default: \$KUBECONFIG_DIR, else .kube in the project)
  --dist DIR                   the synthesized manifests (default: dist in the project)
  --timeout SECONDS            how long one wait may last (default: $TIMEOUT)
  --dry-run                    print what would be run, and run nothing
  -h, --help                   this text"

# Messages go to standard error; what a script was asked for goes to standard output.
log() { printf '%s\n' "$*" >&2; }
warn() { log "$SELF: warning: $*"; }
die() {
  log "$SELF: $*"
  exit 1
}
# For a call that can never be right, such as one that names a cluster which the federation does not have.
misuse() {
  log "$SELF: $*"
  log "See $SELF --help."
  exit 2
}

[[ -n $KUBECONFIG_DIR ]] || misuse "KUBECONFIG_DIR is empty: give it a value, or unset it"

# need TOOL…: ends the script, with every missing tool in one message.
need() {
  local tool missing=()
  for tool in "$@"; do
    command -v "$tool" >/dev/null || missing+=("$tool")
  done
  ((${#missing[@]} == 0)) || die "not found on the PATH: ${missing[*]}"
}

# take_value OPTION…: puts what the first option is given, as --option=VALUE or by the next word, into VALUE, and says in
# TAKEN how many words it was.
take_value() {
  TAKEN=1
  VALUE=${1#*=}
  if [[ $1 != *=* ]]; then
    TAKEN=2
    VALUE=${2-}
  fi
  [[ -n $VALUE ]] || misuse "${1%%=*} needs a value"
}

# common_option ARGUMENT…: takes the first option or argument, and says in TAKEN how many words it was.
common_option() {
  local word
  TAKEN=1
  case $1 in
    --kubeconfig | --kubeconfig=*) take_value "$@" && set_for_cluster KUBECONFIGS "$VALUE" ;;
    --context | --context=*) take_value "$@" && set_for_cluster CONTEXTS "$VALUE" ;;
    --kubeconfig-dir | --kubeconfig-dir=*) take_value "$@" && KUBECONFIG_DIR=$VALUE ;;
    --dist | --dist=*) take_value "$@" && DIST=$VALUE ;;
    --timeout | --timeout=*)
      take_value "$@"
      [[ $VALUE =~ ^[1-9][0-9]{0,5}$ ]] || misuse "--timeout '$VALUE' is not a number of seconds"
      TIMEOUT=$VALUE
      ;;
    --dry-run) DRY_RUN=true ;;
    -h | --help)
      usage
      exit 0
      ;;
    --)
      TAKEN=$#
      shift
      for word in "$@"; do take_argument "$word"; done
      ;;
    -*) misuse "unknown option '$1'" ;;
    *) take_argument "$1" ;;
  esac
}

take_argument() {
  [[ -n $1 ]] || misuse "an argument is empty, as a shell makes it of a variable that is not set"
  ARGS+=("$1")
}

# each_once ARRAY: takes out what is in it again.
each_once() {
  local -n words=$1
  local word
  local -a all=("${words[@]}")
  local -A seen=()
  words=()
  for word in "${all[@]}"; do
    [[ -z ${seen[.$word]-} ]] || continue
    seen[.$word]=true
    words+=("$word")
  done
}

# A value without CLUSTER= is kept for the cluster that the script is about, which main_cluster names later.
set_for_cluster() {
  local -n values=$1
  [[ ! $2 =~ ^[a-z0-9-]+=$ ]] || misuse "'$2' names nothing behind the '='"
  if [[ $2 =~ ^([a-z0-9-]+)=(.+)$ ]]; then
    values["${BASH_REMATCH[1]}"]=${BASH_REMATCH[2]}
  else
    values["$MAIN"]=$2
  fi
}

# main_cluster CLUSTER…: whose --kubeconfig and --context those without CLUSTER= are.
main_cluster() {
  [[ -n ${KUBECONFIGS[$MAIN]-}${CONTEXTS[$MAIN]-} ]] || return 0
  (($# == 1)) || misuse "several clusters are meant: say whose --kubeconfig or --context it is, as in --kubeconfig $1=FILE"
  [[ -z ${KUBECONFIGS[$MAIN]-} ]] || KUBECONFIGS[$1]=${KUBECONFIGS[$MAIN]}
  [[ -z ${CONTEXTS[$MAIN]-} ]] || CONTEXTS[$1]=${CONTEXTS[$MAIN]}
}

# run COMMAND…: runs it, its output being progress; in a dry run prints it, quoted for a shell, on standard output.
run() {
  if $DRY_RUN; then
    show_command "$@"
  else
    "$@" >&2
  fi
}

show_command() {
  local word line=''
  [[ $1 != patient ]] || shift
  for word in "$@"; do
    [[ $word =~ ^[a-zA-Z0-9_./:=,@%+-]+$ ]] || word=${word@Q}
    line+="${line:+ }$word"
  done
  printf '%s\n' "$line"
}

# kubeconfig_of CLUSTER: prints the path of its kubeconfig.
kubeconfig_of() { printf '%s\n' "${KUBECONFIGS[$1]:-$KUBECONFIG_DIR/$1.kubeconfig}"; }

# need_kubeconfig CLUSTER…: ends the script where one is missing or cannot be used; a dry run needs none.
need_kubeconfig() {
  local cluster file errors
  local -a context
  for cluster in "${!KUBECONFIGS[@]}" "${!CONTEXTS[@]}"; do
    [[ " $MAIN $MANAGEMENT $HOST $KARMADA $ARGOCD $* " == *" $cluster "* || -d $DIST/members/$cluster ]] \
      || misuse "--kubeconfig or --context names cluster '$cluster': there are $MANAGEMENT, $HOST, $KARMADA, $ARGOCD and the members in '$DIST/members'"
  done
  $DRY_RUN && return
  for cluster in "$@"; do
    file=$(kubeconfig_of "$cluster")
    [[ -r $file ]] || die "no kubeconfig for cluster '$cluster': there is no '$file'; put it there, or give --kubeconfig $cluster=FILE"
    context=()
    [[ -z ${CONTEXTS[$cluster]-} ]] || context=(--context "${CONTEXTS[$cluster]}")
    errors=$(kubectl --kubeconfig "$file" "${context[@]}" config view --minify 2>&1 >/dev/null) \
      || die "cannot use '$file', the kubeconfig of cluster '$cluster': ${errors#error: }"
  done
}

# What passes by itself: a server that starts, is busy, or breaks a connection off.
readonly TRANSIENT='EOF|connection (reset|refused|was refused)|server [^ ]+ was refused|broken pipe|TLS handshake timeout|i/o timeout|client connection lost|[Tt]oo [Mm]any [Rr]equests|currently unable to handle the request|failed calling webhook|etcdserver: (request timed out|leader changed)|Service ?Unavailable|Gateway Time-?out'
# Lines that kubectl's client library writes before kubectl itself says the same.
readonly NOISE='^[EWI][0-9]{4} [0-9:.]+ +[0-9]+ [a-z_]+\.go:[0-9]+\]'

# patient COMMAND…: a request to a server. It ends within the time-out, whatever the server does, and is made again
# while what goes wrong passes by itself. Its messages come without the client library's own.
patient() {
  local deadline=$((SECONDS + TIMEOUT)) left status errors input='' given=false said=false limit
  if [[ " $* " == *' -f - '* ]]; then
    input=$(cat)
    given=true
  fi
  while true; do
    status=0
    left=$((deadline - SECONDS))
    ((left > 0)) || left=1
    # A little later than what kubectl bounds itself, so that it can tell what it waited for.
    limit=(timeout --foreground --kill-after=1 "$((left + 2))")
    {
      if $given; then
        errors=$(exec "${limit[@]}" "$@" 2>&1 >&3 <<<"$input") || status=$?
      else
        errors=$(exec "${limit[@]}" "$@" 2>&1 >&3) || status=$?
      fi
    } 3>&1
    [[ -z $errors ]] || errors=$(grep -vE "$NOISE" <<<"$errors") || true
    ((status != 0)) || break
    if ((status == 124 || status == 137)); then
      errors+="${errors:+$'\n'}$SELF: '$1' had no end within ${TIMEOUT}s: the server takes connections, but does not answer"
      status=1
      break
    fi
    if ((SECONDS + 2 >= deadline)) || ! grep -qE "$TRANSIENT" <<<"$errors"; then break; fi
    $said || log "${errors##*$'\n'}: trying again (for at most ${TIMEOUT}s)"
    said=true
    sleep 2
  done
  [[ -z $errors ]] || log "$errors"
  return "$status"
}

# answers CLUSTER: whether its API server does, without much patience.
answers() {
  local TIMEOUT=$((TIMEOUT < 10 ? TIMEOUT : 10))
  kube "$1" get --raw /readyz >/dev/null 2>&1
}

# reach CLUSTER: waits until its API server is ready, but not where waiting does not help: wrong or expired credentials.
reach() {
  local errors deadline=$((SECONDS + TIMEOUT))
  until errors=$(kube "$1" get --raw /readyz 2>&1 >/dev/null); do
    # A server that says of itself that it is not ready yet is one to wait for.
    if ((SECONDS >= deadline)) || [[ $errors != *InternalError* ]]; then
      die "cannot reach cluster '$1' by '$(kubeconfig_of "$1")': ${errors##*$'\n'}"
    fi
    sleep 1
  done
}

# kubectl_for CLUSTER: sets KUBECTL to the command that reaches the cluster. The operator's own current context is
# never used.
kubectl_for() {
  KUBECTL=(patient kubectl --kubeconfig "$(kubeconfig_of "$1")")
  [[ -z ${CONTEXTS[$1]-} ]] || KUBECTL+=(--context "${CONTEXTS[$1]}")
}

# kube CLUSTER ARGUMENT…: kubectl on a cluster; for reading, as it also runs in a dry run.
kube() {
  kubectl_for "$1"
  "${KUBECTL[@]}" "${@:2}"
}

# change CLUSTER ARGUMENT…: kubectl on a cluster; only printed in a dry run.
change() {
  kubectl_for "$1"
  run "${KUBECTL[@]}" "${@:2}"
}

# need_readable PATH…: ends the script where what is there cannot be read. For a pipe, it would wait for ever.
need_readable() {
  local path
  for path in "$@"; do
    [[ ! -e $path || -f $path && -r $path || -d $path && -r $path && -x $path ]] \
      || die "cannot read '$path': you may not, or it is neither a file nor a folder"
  done
}

# has_manifests FOLDER: whether there are any in it, whatever characters its name has; ends the script where they cannot
# be read.
has_manifests() {
  need_readable "$DIST" "${1%/*}" "$1"
  local files=("$1"/*.yaml)
  need_readable "${files[@]}"
  [[ -e ${files[0]} ]]
}

# as_one PATH: prints it as an option of kubectl that may name several has it: these are read as CSV.
as_one() {
  local path=$1
  [[ $path != *[$',"\r\n']* ]] || path=\"${path//\"/\"\"}\"
  printf '%s\n' "$path"
}

# print_each FILE TEMPLATE: prints a Go template for every object of a manifest, of all in a folder, or of standard input
# ("-"). Needs no cluster: "annotate --local" is the way through kubectl that takes any kind and asks no server.
print_each() { kubectl annotate --local --overwrite --kubeconfig /dev/null -f "$(as_one "$1")" -o "go-template=$2" read=locally; }

# each_object FILE TEMPLATE: as print_each, for a script that cannot go on without it.
each_object() {
  local output
  output=$(print_each "$1" "$2") || die "cannot read '$1'"
  printf '%s\n' "$output"
}

# field FILE KIND NAME TEMPLATE: prints a Go template for one object of a manifest. Needs no cluster.
# A key that isn't there prints nothing when it is asked for as {{with …}}{{.}}{{end}}.
field() {
  [[ $2$3 =~ ^[a-zA-Z0-9.:-]+$ ]] || die "'$2 $3' is not the name of an object"
  each_object "$1" "{{if and (eq .kind \"$2\") (eq .metadata.name \"$3\")}}$4{{end}}"
}

# read_data ARRAY FILE NAME [PREFIX]: puts the data of a ConfigMap of a manifest, or of a folder, into an associative array,
# a key each, without the ends of their last lines. Needs no cluster.
read_data() {
  local -n data_of=$1
  local key value
  # shellcheck disable=SC2016 # the template's variables
  while IFS= read -r -d '' key && IFS= read -r -d '' value; do
    data_of[${4-}$key]=${value%$'\n'}
  done < <(print_each "$2" '{{if and (eq .kind "ConfigMap") (eq .metadata.name "'"$3"'")}}{{range $key, $value := .data}}{{$key}}{{"\x00"}}{{$value}}{{"\x00"}}{{end}}{{end}}')
  wait "$!" || die "cannot read '$2'"
}

# synthesized: whether a synth has made the folder of manifests; what is not in it then, the federation does not need.
synthesized() { [[ -e $DIST/README.md ]]; }

# no_manifests FOLDER: ends the script with the reason why the folder has none.
no_manifests() {
  ! synthesized || die "there are no manifests in '$1', for this federation needs none there"
  die "there are no manifests in '$1': \"$SYNTH\" makes them"
}

# no_member NAME: ends the script, for the federation has no such member.
no_member() {
  [[ -d $DIST/members ]] || no_manifests "$DIST/members"
  misuse "no member '$1' in '$DIST/members': its name stands in federation.yaml, and \"$SYNTH\" makes its folder"
}

# member_file NAME: prints the path of the manifest that describes a member.
member_file() {
  [[ $1 =~ ^[a-z0-9]([a-z0-9-]*[a-z0-9])?$ ]] || misuse "'$1' is not the name of a member"
  local file=$DIST/members/$1/00-member.yaml
  has_manifests "${file%/*}" || no_member "$1"
  [[ -e $file ]] || no_member "$1"
  printf '%s\n' "$file"
}

# What the federation says about members, by MEMBER/KEY.
declare -A MEMBER_DATA=()
# read_member NAME: reads it.
read_member() {
  local file
  file=$(member_file "$1")
  read_data MEMBER_DATA "$file" member "$1/"
}

# Namespace in which Karmada keeps the credentials of members, in its own API and on each member.
readonly CLUSTER_NAMESPACE=karmada-cluster
# Where the agent of a member that is joined by pull runs, on the member.
readonly AGENT_NAMESPACE=karmada-system AGENT=karmada-agent
# Name of what counts the room in a member, followed by the member's name on the host.
readonly ESTIMATOR=karmada-scheduler-estimator
# Members in Karmada's API, by their full name: other APIs have clusters, too.
readonly CLUSTERS=clusters.cluster.karmada.io

# karmada_tool: prints the name of the command-line tool of Karmada; in a dry run it need not be there.
karmada_tool() {
  local tool
  for tool in kubectl-karmada karmadactl; do
    if command -v "$tool" >/dev/null; then
      echo "$tool"
      return
    fi
  done
  $DRY_RUN || die "found neither kubectl-karmada nor karmadactl on the PATH: install the one of your Karmada's release (https://karmada.io/docs/installation/install-cli-tools)"
  echo kubectl-karmada
}

# prints COMMAND…: whether a request prints something, to wait for that. One that fails for good ends the script.
prints() {
  local printed
  printed=$("$@") || exit 1
  [[ -n $printed ]]
}

# wait_until SECONDS WHAT COMMAND…: repeats a command until it succeeds; ends the script when the time is over.
wait_until() {
  local seconds=$1 deadline=$((SECONDS + $1)) what=$2 said=false
  shift 2
  until "$@"; do
    ((SECONDS < deadline)) || die "waited ${seconds}s for $what"
    $said || log "waiting for $what (at most ${seconds}s)"
    said=true
    sleep 1
  done
}
