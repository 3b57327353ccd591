#!/usr/bin/env bash
# Puts a Wasm shim on a k3s node and makes k3s's containerd know it. Where both is so already, nothing is written and
# nothing restarts. Runs in a pod that sees the node's processes and, below HOST_ROOT, the folders named here.
#
# Environment:
#   RUNTIME         name of the runtime in containerd's configuration, which a RuntimeClass calls its handler
#   BINARY          file name of the shim
#   BIN_DIR         folder of the node that the shim goes to
#   ENTRY           detected: k3s finds the shim in BIN_DIR and makes the entry; written: this script does
#   OPTIONS         written only: options of the entry, one line of TOML each
#   SHIM            path of the shim here; else it is downloaded:
#   URL_<arch>      of the shim, or of a .tar.gz that holds it; <arch> is AMD64 or ARM64
#   SHA256_<arch>   checksum of the download
#   K3S_DATA_DIR    data folder of k3s (default /var/lib/rancher/k3s)
#   HOST_ROOT       where the node's folders are mounted (default /host)
#   WAIT_SECONDS    how long k3s may take to come back with the runtime, and how long a download may take (default 300)
set -euo pipefail

data_dir=${K3S_DATA_DIR:-/var/lib/rancher/k3s}
limit=${WAIT_SECONDS:-300}
root=${HOST_ROOT-/host}
etc=$data_dir/agent/etc/containerd # as the node calls it
shim=$BIN_DIR/$BINARY
ours="serverless-federation-$RUNTIME"
begin="# $ours: begin, written by serverless-federation"
end="# $ours: end"
base='{{ template "base" . }}'
dropin=$root$etc/config-v3.toml.d/$ours.toml
source=$root$etc/.$ours.source   # the checksum of what was downloaded, and of the shim that it held
pending=$root$etc/.$ours.pending # outlives a run that is killed between a change and the restart
work=$(mktemp -d)
candidate=$root$etc/.$ours.candidate.toml
trap 'rm -rf "$work" "$candidate"' EXIT

log() { printf '%s: %s\n' "$RUNTIME" "$*" >&2; }

die() {
  log "error: $*"
  exit 1
}

# Runs a command on the node: in the mount namespace of its first process.
on_node() { nsenter --target 1 --mount -- "$@"; }

# --- the shim

# The file that the node shall have, fetched only when what is there came from something else.
fetch_shim() {
  local arch url sha256
  case $(uname -m) in
    x86_64) arch=AMD64 ;;
    aarch64) arch=ARM64 ;;
    *) die "there is no shim for the architecture '$(uname -m)'" ;;
  esac
  url=URL_$arch sha256=SHA256_$arch
  [[ -n ${!url:-} ]] || die "the federation file has no download for nodes of the architecture '${arch,,}'"
  if [[ -f $root$shim && -f $source ]]; then
    checksum "$root$shim"
    [[ $(<"$source") != "${!sha256} $sum" ]] || return 0
  fi

  log "downloading ${!url}"
  curl --fail --silent --show-error --location --retry 3 --connect-timeout 20 --max-time "$limit" --output "$work/download" -- "${!url}"
  checksum "$work/download"
  [[ $sum == "${!sha256}" ]] || die "the download has the checksum $sum, not ${!sha256}: it is not what the file asks for"
  case ${!url} in
    *.tar.gz | *.tgz)
      mkdir "$work/archive"
      tar -xzf "$work/download" -C "$work/archive" --no-same-owner
      SHIM=$(find "$work/archive" -type f -name "$BINARY" -print -quit)
      [[ -n $SHIM ]] || die "the archive holds no file '$BINARY'"
      ;;
    *) SHIM=$work/download ;;
  esac
  checksum "$SHIM"
  printf '%s %s\n' "${!sha256}" "$sum" >"$work/source"
}

# Sets `sum` to the checksum of a file.
checksum() {
  sum=$(sha256sum -- "$1")
  sum=${sum%% *}
}

# Running apps keep the file that they started with: the new one takes its name in one move.
place_shim() {
  [[ -n ${SHIM:-} ]] || fetch_shim
  if [[ -n ${SHIM:-} ]] && ! cmp -s "$SHIM" "$root$shim"; then
    install -m 755 "$SHIM" "$root$shim.new"
    mv "$root$shim.new" "$root$shim"
    log "put the shim at $shim"
  fi
  if [[ -f $work/source ]]; then install -m 644 "$work/source" "$source"; fi
}

# --- containerd's configuration

# What k3s rendered at its last start. It holds the passwords of registries: a copy is for root alone.
rendered=$root$etc/config.toml
[[ -f $rendered ]] || die "there is no $etc/config.toml: k3s has not started here, or has a containerd of its own elsewhere"
version=$(sed -n '/^version *=/ { s/^version *= *\([0-9]*\).*/\1/p; q; }' "$rendered")
case $version in
  3) table="plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes" template=$root$etc/config-v3.toml.tmpl ;;
  2) table='plugins."io.containerd.grpc.v1.cri".containerd.runtimes' template=$root$etc/config.toml.tmpl ;;
  *) die "$etc/config.toml has version '$version', this knows 2 and 3" ;;
esac

entry() {
  printf "[%s.'%s']\n  runtime_type = '%s'\n" "$table" "$RUNTIME" "$shim"
  if [[ -n ${OPTIONS:-} ]]; then
    printf "[%s.'%s'.options]\n%s\n" "$table" "$RUNTIME" "$OPTIONS"
  fi
}

block() { echo "$begin" && entry && echo "$end"; }

# A file without our entry.
without_entry() { awk -v begin="$begin" -v end="$end" '$0 == begin { ours = 1 } !ours { print } $0 == end { ours = 0 }' "$1"; }

has_entry() { grep -Fxq "$begin" "$1"; }

# Whether a configuration has a table of the runtime.
has_table() { grep -Eq "^ *\[plugins\..*\.runtimes\.['\"]?${RUNTIME}['\"]?\]" "$1"; }

# Sets `effective` to the shim that containerd would run with this configuration, as the node calls it, or to nothing where
# it knows no such runtime. k3s's own containerd is asked, for it will be the judge. A runtime_type that is no path stands
# for a name on the PATH of k3s, whose own entries say in BinaryName where that is.
find_effective_shim() {
  on_node "$data_dir/data/current/bin/containerd" --config "${1#"$root"}" config dump >"$work/dump" 2>"$work/errors" \
    || die "containerd refuses the configuration: $(<"$work/errors")"
  local type path found name
  read_entry "$work/dump" >"$work/entry"
  { read -r type && read -r path && read -r found; } <"$work/entry"
  effective=
  if [[ -n $path || $type == /* ]]; then
    effective=${path:-$type}
  elif [[ $type == *.*.* ]]; then
    name=${type%.*}
    name=containerd-shim-${name##*.}-${type##*.}
    if [[ ${found##*/} == "$name" ]]; then
      effective=$found
    else
      effective=$(on_node sh -c 'command -v -- "$1"' sh "$name" || echo "$name")
    fi
  fi
}

# What containerd dumped of the runtime, a line each: its runtime_type, its runtime_path, and the BinaryName of its options.
read_entry() {
  awk -v runtime="runtimes.$RUNTIME" -v quotes="[\"']" '
    BEGIN { table = "-" }
    function is_table(suffix) { return substr(name, length(name) - length(suffix)) == "." suffix }
    /^ *\[/ {
      name = $0
      gsub("[][ ]|" quotes, "", name)
      table = is_table(runtime) ? "" : is_table(runtime ".options") ? "options." : "-"
      next
    }
    table != "-" {
      key = table $1
      sub(/^[^=]*= */, "")
      gsub(quotes, "")
      values[key] = $0
    }
    END { print values["runtime_type"] "\n" values["runtime_path"] "\n" values["options.BinaryName"] }' "$1"
}

# Whether a program of the node is the shim that it shall have, wherever it is.
is_our_shim() {
  [[ $1 != "$shim" ]] || return 0
  local theirs
  theirs=$(on_node sha256sum -- "$1" 2>/dev/null) || return 1
  checksum "$root$shim"
  [[ ${theirs%% *} == "$sum" ]]
}

runs_our_shim() {
  find_effective_shim "$1"
  [[ -n $effective ]] && is_our_shim "$effective"
}

# Ends the run: containerd would run another shim. Names the file that says so.
blame() {
  local file
  for file in "$root$etc"/config*.toml.tmpl "$root$etc"/config*.toml.d/*.toml; do
    [[ -f $file ]] || continue
    without_entry "$file" >"$work/others"
    if [[ $file != "$dropin" ]] && has_table "$work/others"; then
      die "containerd runs '$1' for this runtime, not '$shim': ${file#"$root"} says so, take the runtime out of it"
    fi
  done
  die "containerd runs '$1' for this runtime, not '$shim': k3s has found it there, remove it or bring it up to date"
}

# Puts $work/new in the place of a file where that differs, or takes the file away where it is empty.
replace() {
  if [[ ! -s $work/new && ! -e $1 ]] || cmp -s "$work/new" "$1"; then return; fi
  : >"$pending"
  if [[ -s $work/new ]]; then
    mkdir -p "${1%/*}"
    install -m 600 "$work/new" "$1.new"
    mv "$1.new" "$1"
    log "wrote ${1#"$root"}"
  else
    rm -f "$1"
    log "removed ${1#"$root"}"
  fi
}

# k3s extends its own template since mid-2023; older ones fail to start with what this script would write.
can_extend_template() {
  [[ $(on_node k3s --version) =~ 'k3s version v1.'([0-9]+)\.([0-9]+) ]] || return 1
  local minor=${BASH_REMATCH[1]} patch=${BASH_REMATCH[2]}
  case $minor in
    25) ((patch >= 13)) ;;
    26) ((patch >= 8)) ;;
    27) ((patch >= 5)) ;;
    *) ((minor >= 28)) ;;
  esac
}

# Sets `place` to where our entry stands: 'dropin', 'template', or 'nowhere', because k3s makes one.
find_place() {
  if [[ $ENTRY == detected ]]; then
    place=nowhere
    return
  fi
  without_entry "$rendered" >"$work/others"
  # Two tables of one name, and containerd does not start.
  if has_table "$work/others"; then
    install -m 600 "$work/others" "$candidate"
    runs_our_shim "$candidate" || blame "$effective"
    log "k3s has an entry of its own for this runtime, with this shim; leaving it to that"
    place=nowhere
  elif [[ $version == 3 ]] && grep -Eq '^imports *=.*config-v3\.toml\.d/\*\.toml' "$rendered"; then
    place=dropin
  else
    # The drop-in folder of version 2 is no choice: containerd 1 would replace all of the CRI's settings with it.
    place=template
  fi
}

configure() {
  local place
  find_place
  if [[ $place != nowhere ]]; then
    if [[ $place == template ]]; then
      can_extend_template || die "this k3s cannot extend its containerd template: upgrade it to v1.28 or newer"
    fi
    install -m 600 "$work/others" "$candidate"
    entry >>"$candidate"
    runs_our_shim "$candidate" || die "containerd takes the entry, but shows no runtime '$RUNTIME'"
  fi

  : >"$work/new"
  if [[ $place == dropin ]]; then { printf '%s\nversion = 3\n' "$begin" && entry && echo "$end"; } >"$work/new"; fi
  replace "$dropin"
  if [[ $place == template ]]; then
    if [[ ! -f $template ]]; then
      { echo "$base" && block; } >"$work/new"
    elif has_entry "$template"; then
      # In its place: the template holds the entries of other runtimes too, and they must not take turns at the end.
      block >"$work/block"
      awk -v begin="$begin" -v end="$end" -v block="$work/block" '
        $0 == begin { ours = 1; while ((getline line <block) > 0) print line }
        !ours { print }
        $0 == end { ours = 0 }' "$template" >"$work/new"
    else
      # awk ends the last line where the user did not.
      { awk 1 "$template" && block; } >"$work/new"
    fi
    replace "$template"
  elif [[ -f $template ]] && has_entry "$template"; then
    # What is left when this script made the file says nothing but that k3s's own template holds.
    without_entry "$template" >"$work/new"
    grep -Fxv "$base" "$work/new" >/dev/null || : >"$work/new"
    replace "$template"
  fi
}

# --- k3s

restart_k3s() {
  local unit waited=0
  unit=$(on_node systemctl list-units --type=service --state=active --plain --no-legend 'k3s.service' 'k3s-*.service')
  read -r unit _ <<<"$unit"
  [[ -n $unit ]] || die "found no running k3s service of systemd: restart k3s on this node by hand"
  log "restarting $unit"
  on_node systemctl restart "$unit"
  effective=
  until on_node k3s ctr version >/dev/null 2>&1 && runs_our_shim "$rendered"; do
    if ((waited >= limit)); then
      [[ -z $effective ]] || blame "$effective"
      die "gave up after $waited s waiting for containerd to start with this runtime"
    fi
    sleep 2
    waited=$((waited + 2))
  done
}

# One at a time: every runtime of a node has an installer, and all of them restart the same k3s.
exec 9>>"$root$etc/.serverless-federation.lock"
flock --timeout $((4 * limit)) 9 || die "gave up after $((4 * limit)) s waiting for the installers of other runtimes"
place_shim
configure
if [[ -e $pending ]] || ! runs_our_shim "$rendered"; then
  : >"$pending"
  restart_k3s
  rm -f "$pending"
  log "is ready"
else
  log "was ready"
fi
