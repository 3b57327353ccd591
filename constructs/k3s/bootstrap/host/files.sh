# The files that k3s reads on this host.
# shellcheck shell=sh disable=SC2034,SC2154 # the parts of remote.sh share their variables

# Says what k3s is to find: "PATH SOURCE" a line in $dir/wanted, and the paths that an earlier run placed and that are not
# wanted any more in $dir/left-over.
prepare_files() {
  : >"$dir/wanted"
  want /etc/rancher/k3s/config.yaml "$config"
  if [ -s "$dir/token" ] && grep -q '^token-file:' "$config"; then want /etc/rancher/k3s/token "$dir/token"; fi
  if [ -f "$dir/host/environment" ]; then
    # Quoted for systemd and for sh, which reads it with OpenRC.
    sed "s/'/'\\\\''/g; s/=/='/; s/\$/'/" "$dir/host/environment" >"$dir/environment"
    if has_openrc; then
      want "/etc/rancher/k3s/$service.env" "$dir/environment"
    else
      want "/etc/systemd/system/$service.service.env" "$dir/environment"
    fi
  fi
  [ ! -f "$dir/host/files" ] || while read -r source destination; do
    case $source in
      secrets/*) want "$destination" "$dir/$source" ;;
      *)
        with_secrets "$dir/$source" >"$dir/$source.filled"
        want "$destination" "$dir/$source.filled"
        ;;
    esac
  done <"$dir/host/files"
  cut -d ' ' -f 1 "$dir/wanted" | LC_ALL=C sort >"$dir/paths"
  : >"$dir/left-over"
  [ ! -f "$record/files" ] || LC_ALL=C comm -13 "$dir/paths" "$record/files" >"$dir/left-over"
}

want() { printf '%s %s\n' "$1" "$2" >>"$dir/wanted"; }

# A file with its secrets filled in. awk reads them from their files: an argument would be everybody's to see.
with_secrets() {
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

files_differ() {
  [ ! -s "$dir/left-over" ] || return 0
  while read -r path source; do
    cmp -s "$source" "$path" || return 0
  done <"$dir/wanted"
  return 1
}

# Each goes to its place in one move, mode 0600. The mark outlives a run that is killed before k3s has started with them.
place_files() {
  open_folder /etc/rancher/k3s
  [ -d "$record" ] || mkdir "$record"
  : >"$record/pending"
  while read -r path source; do
    if cmp -s "$source" "$path"; then continue; fi
    case $path in
      "$data"/*) mkdir -p "${path%/*}" ;;
      *) open_folder "${path%/*}" ;;
    esac
    cp "$source" "$path.new"
    mv "$path.new" "$path"
    log "wrote $path"
  done <"$dir/wanted"
  while read -r path; do
    rm -f "$path"
    log "removed $path"
  done <"$dir/left-over"
  : >"$dir/left-over"
  keep_record
}

# What is not there yet of the cluster that this host is part of, and of the files that were placed here.
keep_record() {
  [ -d "$record" ] || mkdir "$record"
  cmp -s "$dir/paths" "$record/files" || cp "$dir/paths" "$record/files"
  read_line known "$record/cluster"
  [ "$known" = "$cluster" ] || printf '%s\n' "$cluster" >"$record/cluster"
}
