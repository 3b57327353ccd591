#!/usr/bin/env bash
# Builds the servers of the end-to-end test from their published Go modules, and prints the folder they are in.
#
# What is built and at which version stands in go.mod, kwok/go.mod and vpn/go.mod. The folder is named by these files,
# our own source, this script and the Go version, so that a second run finds everything built.
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

version() { go list -m -f '{{.Version}}' "$1"; }

# build MODULE-FOLDER TARGET-FOLDER LDFLAGS: the tools that a module names. The tag is what Karmada itself is built with
# (its hack/build.sh): without it, the scheduler can't talk to an estimator.
build() {
  CGO_ENABLED=0 GOFLAGS='-mod=readonly -buildvcs=false' go -C "$1" build -trimpath \
    -tags kubernetes_protomessage_one_more_release -ldflags "-s -w $3" -o "$2/" tool >&2
}

go_version=$(go env GOVERSION)
sources=({.,kwok,vpn}/go.{mod,sum} vpn/control/main.go build.sh)
key=$(cat "${sources[@]}" <(echo "$go_version") | sha256sum | cut -c1-16)
cache="${XDG_CACHE_HOME:-$HOME/.cache}/serverless-federation/e2e"
bin="$cache/$key"

if [[ ! -d $bin ]]; then
  kubernetes=$(version k8s.io/kubernetes)
  karmada=$(version github.com/karmada-io/karmada)
  IFS=. read -r major minor _ <<<"${kubernetes#v}"
  versions="-X github.com/karmada-io/karmada/pkg/version.gitVersion=$karmada"
  versions+=" -X github.com/karmada-io/karmada/pkg/version.gitTreeState=clean"
  for package in k8s.io/component-base/version k8s.io/client-go/pkg/version; do
    versions+=" -X $package.gitVersion=$kubernetes -X $package.gitMajor=$major -X $package.gitMinor=$minor"
    versions+=" -X $package.gitTreeState=clean"
  done

  mkdir -p "$cache"
  building=$(mktemp -d "$cache/building.XXXXXX")
  trap 'rm -rf "$building"' EXIT
  echo "building the servers with $go_version: Kubernetes $kubernetes, Karmada $karmada (minutes, once)" >&2
  build . "$building" "$versions"
  build kwok "$building" ''
  # Its version is what a host's client is compared by.
  tailscale=$(cd vpn && version tailscale.com)
  stamp="-X tailscale.com/version.shortStamp=${tailscale#v} -X tailscale.com/version.longStamp=${tailscale#v}"
  build vpn "$building" "$stamp"

  # Go names a binary by its folder; the images name Karmada's with a prefix, and etcd's folder is "server".
  mv "$building/server" "$building/etcd"
  for name in agent aggregated-apiserver controller-manager descheduler metrics-adapter scheduler scheduler-estimator webhook; do
    mv "$building/$name" "$building/karmada-$name"
  done
  mv "$building/control" "$building/vpn-control"
  # What a release of Karmada holds beside its images.
  tar --create --gzip --mode u+rwX,go+rX --file "$building/crds.tar.gz" --transform 's,^_crds,crds,' \
    --directory "$(go list -m -f '{{.Dir}}' github.com/karmada-io/karmada)/charts/karmada" _crds
  # How KWOK's nodes and pods come to life is configuration that comes with it.
  stages=$(cd kwok && go list -m -f '{{.Dir}}' sigs.k8s.io/kwok)/kustomize/stage
  for stage in "$stages"/{node,pod}/fast/*.yaml; do
    [[ $stage == */kustomization.yaml ]] || printf -- '---\n%s\n' "$(<"$stage")"
  done >"$building/kwok-stages.yaml"
  chmod 755 "$building"
  mv -T "$building" "$bin" 2>/dev/null || [[ -d $bin ]] # another run was quicker
fi

echo "$bin"
