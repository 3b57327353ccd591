#!/usr/bin/env bash
# Builds the Wasm shim of the end-to-end test and the module that it is to run, and prints the folder they are in.
#
# What the shim is made of stands in shim/Cargo.lock. The folder is named by the files here and the Rust version, so that
# a second run finds everything built.
#
# Environment: XDG_CACHE_HOME (default ~/.cache), where they go.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")"

missing=()
for tool in cargo rustc cc protoc; do
  command -v "$tool" >/dev/null || missing+=("$tool")
done
if [[ ${missing[*]} == *cc* ]] || ! cc -x c - -lseccomp -o /dev/null <<<'int main(void) { return 0; }' 2>/dev/null; then
  missing+=(libseccomp.so)
fi
if ((${#missing[@]})); then
  cat >&2 <<EOF
the end-to-end test builds a Wasm shim, and not found for it: ${missing[*]}
(Debian: apt-get install gcc libc6-dev libseccomp-dev protobuf-compiler; Rust 1.94 or newer: https://rustup.rs)
EOF
  exit 1
fi

key=$(cat shim/Cargo.toml shim/Cargo.lock shim/src/*.rs shim/src/bin/*.rs n-body.wat build.sh <(rustc --version) \
  | sha256sum | cut -c1-16)
cache="${XDG_CACHE_HOME:-$HOME/.cache}/serverless-federation/e2e-wasm"
built="$cache/$key"

if [[ ! -d $built ]]; then
  mkdir -p "$cache"
  building=$(mktemp -d "$cache/building.XXXXXX")
  trap 'rm -rf "$building"' EXIT
  echo "building the Wasm shim with $(rustc --version) (minutes, once)" >&2
  nice cargo build --manifest-path shim/Cargo.toml --release --locked --target-dir "$building/target" >&2
  mkdir "$building/made"
  mv "$building/target/release/containerd-shim-e2e-v1" "$building/made"
  "$building/target/release/assemble" <n-body.wat >"$building/made/n-body.wasm"
  # So that nothing but its format keeps it from running as a program.
  chmod 755 "$building/made/n-body.wasm"
  mv -T "$building/made" "$built" 2>/dev/null || [[ -d $built ]] # another run was quicker
fi

echo "$built"
