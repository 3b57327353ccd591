# Releases of k3s: which comes before which, and which may take the place of which.
# shellcheck shell=sh

# A text of a release such as v1.35.6-rc1+k3s1 that sorts as releases do, candidates before what they are for.
version_key() {
  printf '%s\n' "$1" | sed 's/-rc/ /; t; s/+k3s/ 9999&/' | sed 's/+k3s/ /' | tr -c '0-9\n' ' ' \
    | awk '{ printf "%05d%05d%05d%05d%05d\n", $1, $2, $3, $4, $5 }'
}

is_older() { [ "$1" != "$2" ] && [ "$({ version_key "$1" && version_key "$2"; } | sort | head -n 1)" = "$(version_key "$1")" ]; }

minor_of() { printf '%s' "$1" | cut -d . -f 2; }

# Why a release must not take the place of another; nothing where it may: upgrade_fault INSTALLED WANTED. An upgrade goes
# one minor at a time, for the servers of a cluster may differ by no more (kubernetes.io/releases/version-skew-policy).
upgrade_fault() {
  if is_older "$2" "$1"; then
    printf '%s' "runs k3s $1 already, and k3s cannot go back to $2"
  elif [ $(($(minor_of "$2") - $(minor_of "$1"))) -gt 1 ]; then
    printf '%s' "runs k3s $1, and Kubernetes is upgraded one minor at a time: set 'version' to a release of" \
      " v1.$(($(minor_of "$1") + 1)) first, have all hosts of the cluster run it, then go on to $2"
  fi
}
