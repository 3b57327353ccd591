# The files that k3s reads on this host.
# shellcheck shell=sh disable=SC2034,SC2154 # the parts of remote.sh share their variables

# Puts together what k3s is to find, as it would lie below /, in $dir/root, and lists its paths in $dir/placed.
prepare_files() {
  mkdir -p "$dir/root"
  : >"$dir/placed"
  prepare "$config" /etc/rancher/k3s/config.yaml
  if [ -s "$dir/token" ] && grep -q '^token-file:' "$config"; then prepare "$dir/token" /etc/rancher/k3s/token; fi
  if [ -f "$dir/host/environment" ]; then
    # Quoted for systemd and for sh, which reads it with OpenRC.
    sed "s/'/'\\\\''/g; s/=/='/; s/\$/'/" "$dir/host/environment" >"$dir/environment"
    if has_openrc; then
      prepare "$dir/environment" "/etc/rancher/k3s/$service.env"
    else
      prepare "$dir/environment" "/etc/systemd/system/$service.service.env"
    fi
  fi
  [ ! -f "$dir/host/files" ] || while read -r source destination; do
    with_secrets "$dir/$source" >"$dir/text"
    prepare "$dir/text" "$destination"
  done <"$dir/host/files"
}

prepare() {
  mkdir -p "$dir/root${2%/*}"
  cp "$1" "$dir/root$2"
  printf '%s\n' "$2" >>"$dir/placed"
}

# A file with its secrets filled in. awk reads them from their files: an argument would be everybody's to see.
with_secrets() {
  case $1 in "$dir/secrets/"*)
    cat "$1"
    return
    ;;
  esac
  awk -v secrets="$dir/secrets" '
    function text(name, line, all) {
      all = ""
      while ((getline line <(secrets "/" name)) > 0) all = all (all == "" ? "" : "\\n") line
      close(secrets "/" name)
      return all
    }
    function quoted(value, all, i, character) {
      all = ""
      for (i = 1; i <= length(value); i++) {
        character = substr(value, i, 1)
        all = all (character == "\\" || character == "\"" ? "\\" : "") character
      }
      return all
    }
    {
      rest = $0
      line = ""
      while (match(rest, /@secret:[-A-Za-z0-9._]+@/)) {
        line = line substr(rest, 1, RSTART - 1) quoted(text(substr(rest, RSTART + 8, RLENGTH - 9)))
        rest = substr(rest, RSTART + RLENGTH)
      }
      print line rest
    }' "$1"
}

# Paths that an earlier run placed and that are not wanted any more.
left_over() {
  if [ -f "$record/files" ]; then LC_ALL=C sort "$dir/placed" | LC_ALL=C comm -13 - "$record/files"; fi
}

files_differ() {
  [ -z "$(left_over)" ] || return 0
  while read -r path; do
    cmp -s "$dir/root$path" "$path" || return 0
  done <"$dir/placed"
  return 1
}

# Each goes to its place in one move, mode 0600. The mark outlives a run that is killed before k3s has started with them.
place_files() {
  (umask 022 && mkdir -p /etc/rancher/k3s)
  mkdir -p "$record"
  if files_differ; then : >"$record/pending"; fi
  while read -r path; do
    if cmp -s "$dir/root$path" "$path"; then continue; fi
    case $path in
      "$data"/*) mkdir -p "${path%/*}" ;;
      *) (umask 022 && mkdir -p "${path%/*}") ;;
    esac
    cp "$dir/root$path" "$path.new"
    mv "$path.new" "$path"
    log "wrote $path"
  done <"$dir/placed"
  left_over >"$dir/left-over"
  while read -r path; do
    rm -f "$path"
    log "removed $path"
  done <"$dir/left-over"
  LC_ALL=C sort "$dir/placed" >"$dir/sorted"
  cmp -s "$dir/sorted" "$record/files" || cp "$dir/sorted" "$record/files"
  [ "$(cat "$record/cluster" 2>/dev/null)" = "$cluster" ] || printf '%s\n' "$cluster" >"$record/cluster"
}
