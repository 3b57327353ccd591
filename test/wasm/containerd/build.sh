#!/usr/bin/env bash
# Builds the containerd 2 that the node installer is tested with from its Go module, at the version in go.mod beside
# this script, and prints its path. A second run finds it built.
#
# Usage: build.sh [--built]     --built: print the path only where it is built, and build nothing
# Environment: XDG_CACHE_HOME (default ~/.cache), where the binary goes.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")"
key=$(cat go.mod go.sum | sha256sum | cut -c1-16)
cache=${XDG_CACHE_HOME:-$HOME/.cache}/serverless-federation/containerd
binary=$cache/$key/containerd

if [[ ! -x $binary ]]; then
  if [[ ${1:-} == --built ]]; then exit; fi
  command -v go >/dev/null || {
    echo 'containerd 2 is built with Go, and there is no "go" on the PATH: see https://go.dev/doc/install' >&2
    exit 1
  }
  mkdir -p "$cache"
  building=$(mktemp -d "$cache/building.XXXXXX")
  trap 'rm -rf "$building"' EXIT
  echo "building containerd 2 (minutes, once)" >&2
  CGO_ENABLED=0 GOFLAGS='-mod=readonly -buildvcs=false' go build -trimpath -ldflags '-s -w' -o "$building/" tool >&2
  mv -T "$building" "${binary%/*}" 2>/dev/null || [[ -x $binary ]] # another run was quicker
fi
echo "$binary"
