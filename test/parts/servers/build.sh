#!/usr/bin/env bash
# Builds the programs of a part from its published Go module, and prints the folder they are in.
#
# Usage: build.sh [--built] PART     --built: print the folder only where it is there, and build nothing
#
# What is built and at which version stands in PART/go.mod. PART/files names what else of a module is wanted, a line for
# each: the module, and a path in it. Where PART/cgo is, it is built with cgo. The folder is named by these files, this
# script and the Go version, so that a second run finds everything built, and a change of one part leaves the others alone.
#
# Environment: XDG_CACHE_HOME (default ~/.cache), where it goes.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")"

build=true
if [[ ${1:-} == --built ]]; then
  build=false
  shift
fi
part=${1:?usage: build.sh [--built] PART}
if [[ ! -f $part/go.mod ]]; then
  echo "there is no part '$part' in test/parts/servers" >&2
  exit 1
fi
if ! command -v go >/dev/null; then
  $build || exit 0
  echo 'the parts are built with Go, and there is no "go" on the PATH: see https://go.dev/doc/install' >&2
  exit 1
fi

cd "$part"
files=()
[[ ! -f files ]] || mapfile -t files <files
cgo=0
[[ ! -e cgo ]] || cgo=1
go_version=$(go env GOVERSION)
key=$(cat go.mod go.sum ../build.sh <(echo "${files[@]}" "$go_version" "$cgo") | sha256sum | cut -c1-16)
cache="${XDG_CACHE_HOME:-$HOME/.cache}/serverless-federation/parts"
folder="$cache/$part-$key"

if [[ ! -d $folder ]]; then
  $build || exit 0
  mkdir -p "$cache"
  building=$(mktemp -d "$cache/building.XXXXXX")
  trap 'rm -rf "$building"' EXIT
  echo "building $part with $go_version (minutes, once)" >&2
  CGO_ENABLED=$cgo GOFLAGS="${GOFLAGS:-} -mod=readonly -buildvcs=false" nice go build -trimpath -ldflags '-s -w' \
    -o "$building/" tool >&2
  for line in "${files[@]}"; do
    read -r module path <<<"$line"
    cp -RL --no-preserve=mode "$(go list -m -f '{{.Dir}}' "$module")/$path" "$building/"
  done
  chmod 755 "$building"
  mv -T "$building" "$folder" 2>/dev/null || [[ -d $folder ]] # another run was quicker
fi

echo "$folder"
