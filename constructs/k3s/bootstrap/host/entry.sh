# How remote.sh is called, once it is all read:
#   remote.sh guard DIR ACTION     as connect.sh does: runs an action for as long as the connection holds
#   remote.sh bootstrap DIR        makes this host a node
#   remote.sh uninstall DIR        takes k3s from it
# shellcheck shell=sh disable=SC2034,SC2154 # the parts of remote.sh share their variables

# The other side sends a dot every ten seconds. When none comes for 40 (the setting `silence`), or the line is closed, all
# that runs here is ended, and DIR, which holds secrets, is removed.
guard() {
  dir=$1
  trap 'rm -rf "$dir"' EXIT
  trap 'end_sessions "$work"; exit 129' HUP INT PIPE TERM
  command -v setsid >/dev/null || die "found no setsid, install util-linux"
  exec 4<&0
  setsid sh "$0" "$2" "$dir" </dev/null 4<&- &
  work=$!
  setting silence silence
  setsid sh "$0" watch "$work" "${silence:-40}" <&4 >/dev/null 2>&1 &
  watch=$!
  status=0
  wait "$work" || status=$?
  end_sessions "$watch" "$work"
  exit "$status"
}

watch() {
  while [ -n "$(timeout "$2" head -c 1)" ]; do :; done
  end_sessions "$1"
}

end_sessions() {
  for signal in TERM KILL; do
    left=100
    while pids=$(processes_of "$@") && [ -n "$pids" ] && [ "$left" -gt 0 ]; do
      if [ "$left" -eq 100 ]; then
        # shellcheck disable=SC2086 # a word each
        kill -s "$signal" $pids 2>/dev/null || true
      else
        sleep 0.1 2>/dev/null || sleep 1
      fi
      left=$((left - 1))
    done
    [ -n "$pids" ] || return 0
  done
}

# Only what is meant for it reaches standard output.
main() {
  case "$# ${1:-}" in
    '3 guard') guard "$2" "$3" ;;
    '3 watch') watch "$2" "$3" ;;
    '2 bootstrap' | '2 uninstall')
      dir=$2
      "$1" 3>&1 1>&2
      ;;
    *) die "usage: remote.sh guard DIR ACTION, or remote.sh bootstrap|uninstall DIR" ;;
  esac
}

main "$@"
