#!/usr/bin/env bash
# Shows how the federation is: the command's `status`, of which --help tells. From this repository it works on the
# project's folder, as all scripts do.

set -euo pipefail

project=$(dirname "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")")
command -v node >/dev/null || {
  echo 'status.sh: not found on the PATH: node' >&2
  exit 1
}
# As npm tells where it was called.
export INIT_CWD=$PWD npm_package_json=$project/package.json
[[ ! -e $project/main.ts ]] || cd "$project"
exec node "$project/cli/start.cjs" status "$@"
