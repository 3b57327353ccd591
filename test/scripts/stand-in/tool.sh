# shellcheck shell=bash
# Stands in for kubectl, karmadactl and others, under whose names the tests put it on the PATH: writes down how it was
# called and what it was given, and answers as the test says. What kubectl does without a cluster, the real one does.
# It is called thousands of times, and so starts no process where bash can do without.
#
# Environment: CALLS (file to write to), ANSWERS (a script that defines answer()), REAL_KUBECTL, SAID (folder)
tool=${0##*/}

# real_kubectl ARGUMENT…: what it says of the same words and files it says once for all tests, for to start it takes
# longer than all else that a script does. Complaints are not kept: they name files.
real_kubectl() {
  local word before='' path='' file text asked known kept
  for word in "$@"; do
    case "$before" in
      -f) path=$word ;;
      --kubeconfig) [[ $word == /dev/null ]] || path=$word ;;
    esac
    before=$word
  done
  if [[ $path == - ]]; then
    path=$SAID/input-$$
    cat >"$path"
  fi
  [[ -e $path ]] || exec "$REAL_KUBECTL" "$@"
  local -a files=("$path")
  [[ ! -d $path ]] || files=("$path"/*.yaml)
  printf -v asked '%q ' "${@/#"$path"/FILE}"
  for file in "${files[@]}"; do
    IFS= read -r -d '' text <"$file"
    asked+=$text
  done
  # There are few of one length. One that is still being written is none of them.
  for kept in "$SAID/${#asked}"-*.asked; do
    [[ -e $kept ]] || break
    IFS= read -r -d '' known <"$kept"
    [[ $known != "$asked" ]] || exec cat "${kept%.asked}"
  done
  kept=$SAID/${#asked}-$$-$RANDOM
  "$REAL_KUBECTL" "$@" <"${files[0]}" >"$kept" || exit
  printf '%s' "$asked" >"$kept.asked"
  exec cat "$kept"
}

if [[ $tool == kubectl ]]; then
  case " $* " in
    *' --local '* | *' config '*) real_kubectl "$@" ;;
    *' --dry-run=client '*) exec "$REAL_KUBECTL" "$@" ;;
  esac
fi

input=''
if [[ " $* " == *' -f - '* ]]; then input=$(cat); fi
{
  printf '%s' "$tool"
  printf ' %s' "$@"
  printf '\n'
  [[ -z $input ]] || printf '    %s\n' "${input//$'\n'/$'\n    '}"
} >>"$CALLS"

answer() { :; }
# shellcheck source=/dev/null
. "$ANSWERS"
answer "$tool $*" "$@"
