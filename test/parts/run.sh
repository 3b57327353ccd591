#!/usr/bin/env bash
# Runs the tests of the parts that come from other projects, in the sandbox of the end-to-end test.
set -euo pipefail

usage() {
  cat <<'EOT'
Usage: test/parts/run.sh [--built] [PART…] [VITEST-OPTION…]

Builds the programs of each part (test/parts/servers/PART) and runs its test (test/parts/PART.test.ts): of all parts, or
of those named. With --built nothing is built, and parts whose programs are not there are left out.

Says first what this machine lacks for it. The environment of test/e2e/run.sh holds here, too.
EOT
}

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
built=()
parts=()
options=()
for argument in "$@"; do
  case $argument in
    -h | --help)
      usage
      exit
      ;;
    --built) built=(--built) ;;
    -*) options+=("$argument") ;;
    *) parts+=("$argument") ;;
  esac
done
if ((${#parts[@]} == 0)); then
  for folder in "$here"/servers/*/; do parts+=("$(basename "$folder")"); done
fi

"$here/../e2e/machine.sh" hosts vpn parts

# One build at a time on a machine, as in the end-to-end test.
lock="${XDG_CACHE_HOME:-$HOME/.cache}/serverless-federation/building.lock"
mkdir -p "${lock%/*}"
files=()
left=()
for part in "${parts[@]}"; do
  if ((${#built[@]})); then
    folder=$("$here/servers/build.sh" --built "$part")
  else
    folder=$(flock "$lock" "$here/servers/build.sh" "$part")
  fi
  if [[ -z $folder ]]; then
    left+=("$part")
    continue
  fi
  files+=("$here/$part.test.ts")
  name=PART_${part^^}
  export "${name//-/_}=$folder"
done
if ((${#left[@]})); then
  echo "left out, for they are not built here (npm run test:parts builds them): ${left[*]}" >&2
fi
((${#files[@]})) || exit 0

[[ -z ${E2E_RESULTS:-} ]] || options+=(--reporter=verbose --reporter=json "--outputFile.json=$E2E_RESULTS/parts.json")
exec "$here/../e2e/run.sh" exec npx vitest run --config "$here/vitest.config.ts" "${files[@]}" "${options[@]}"
