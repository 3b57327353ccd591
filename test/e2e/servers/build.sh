#!/usr/bin/env bash
# Builds the servers of the end-to-end test from their published Go modules, and prints the folder they are in.
#
# What is built and at which version stands in go.mod beside this script. The folder is named by go.mod, go.sum,
# this script and the Go version, so that a second run finds everything built.
#
# Environment: XDG_CACHE_HOME (default ~/.cache), where the binaries go.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")"

if ! command -v go >/dev/null; then
  cat >&2 <<'EOF'
the end-to-end test builds its servers with Go, and there is no "go" on the PATH.
Install Go 1.21 or newer (https://go.dev/doc/install, or "apt-get install golang-go"); it fetches the very version that go.mod asks for.
EOF
  exit 1
fi

go_version=$(go env GOVERSION)
key=$(cat go.mod go.sum "$(basename "${BASH_SOURCE[0]}")" <(echo "$go_version") | sha256sum | cut -c1-16)
cache="${XDG_CACHE_HOME:-$HOME/.cache}/serverless-federation/e2e"
bin="$cache/$key"

if [[ ! -d $bin ]]; then
  version() { go list -m -f '{{.Version}}' "$1"; }
  kubernetes=$(version k8s.io/kubernetes)
  karmada=$(version github.com/karmada-io/karmada)
  IFS=. read -r major minor _ <<<"${kubernetes#v}"
  ldflags="-s -w"
  for package in k8s.io/component-base/version k8s.io/client-go/pkg/version; do
    ldflags+=" -X $package.gitVersion=$kubernetes -X $package.gitMajor=$major -X $package.gitMinor=$minor"
    ldflags+=" -X $package.gitTreeState=clean"
  done
  ldflags+=" -X github.com/karmada-io/karmada/pkg/version.gitVersion=$karmada"
  ldflags+=" -X github.com/karmada-io/karmada/pkg/version.gitTreeState=clean"

  mkdir -p "$cache"
  building=$(mktemp -d "$cache/building.XXXXXX")
  trap 'rm -rf "$building"' EXIT
  echo "building the servers with $go_version: Kubernetes $kubernetes, Karmada $karmada (minutes, once)" >&2
  CGO_ENABLED=0 GOFLAGS='-mod=readonly -buildvcs=false' \
    go build -trimpath -ldflags "$ldflags" -o "$building/" tool >&2

  # Go names a binary by its folder; the images name Karmada's with a prefix, and etcd's folder is "server".
  mv "$building/server" "$building/etcd"
  for name in agent aggregated-apiserver controller-manager scheduler scheduler-estimator webhook; do
    mv "$building/$name" "$building/karmada-$name"
  done
  chmod 755 "$building"
  mv -T "$building" "$bin" 2>/dev/null || [[ -d $bin ]] # another run was quicker
fi

echo "$bin"
