# Releases of k3s: which runs, and which comes before which.
# shellcheck shell=sh disable=SC2034,SC2154 # the parts of remote.sh share their variables

installed_version() {
  if command -v k3s >/dev/null; then k3s --version | sed -n 's/^k3s version \([^ ]*\).*/\1/p'; fi
}

# A text of a release such as v1.35.6-rc1+k3s1 that sorts as releases do, candidates before what they are for.
version_key() {
  printf '%s\n' "$1" | sed 's/-rc/ /; t; s/+k3s/ 9999&/' | sed 's/+k3s/ /' | tr -c '0-9\n' ' ' \
    | awk '{ printf "%05d%05d%05d%05d%05d\n", $1, $2, $3, $4, $5 }'
}

is_older() { [ "$1" != "$2" ] && [ "$({ version_key "$1" && version_key "$2"; } | sort | head -n 1)" = "$(version_key "$1")" ]; }

minor_of() { printf '%s' "$1" | cut -d . -f 2; }

# Whether the version may take the place of the one that is installed. An upgrade goes one minor at a time, for the
# servers of a cluster may differ by no more (kubernetes.io/releases/version-skew-policy).
check_version() {
  installed=$(installed_version)
  if [ -z "$installed" ] || ! has_service "$service" || [ "$(setting upgrade-by)" = plans ]; then return; fi
  if is_older "$version" "$installed"; then
    fault "runs k3s $installed already, and k3s cannot go back to $version"
  elif [ $(($(minor_of "$version") - $(minor_of "$installed"))) -gt 1 ]; then
    fault "runs k3s $installed, and Kubernetes is upgraded one minor at a time: set 'version' to a release of" \
      "v1.$(($(minor_of "$installed") + 1)) first, bootstrap all hosts of the cluster, then go on to $version"
  fi
}
