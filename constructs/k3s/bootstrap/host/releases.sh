# Releases of k3s: which comes before which, and which may take the place of which.
# shellcheck shell=sh

is_older() {
  [ "$1" != "$2" ] && awk -v one="$1" -v other="$2" '
    # A text of a release such as v1.35.6-rc1+k3s1 that sorts as releases do, candidates before what they are for.
    function key(release, number) {
      if (!sub(/-rc/, " ", release)) sub(/[+]/, " 9999+", release)
      sub(/[+]k3s/, " ", release)
      gsub(/[^0-9]+/, " ", release)
      split(release, number)
      return sprintf("%05d%05d%05d%05d%05d", number[1], number[2], number[3], number[4], number[5])
    }
    BEGIN { exit !(key(one) "" < key(other) "") }'
}

# Why a release must not take the place of another; nothing where it may: upgrade_fault INSTALLED WANTED. An upgrade goes
# one minor at a time, for the servers of a cluster may differ by no more (kubernetes.io/releases/version-skew-policy).
upgrade_fault() {
  from=${1#*.} to=${2#*.}
  from=${from%%.*} to=${to%%.*}
  if is_older "$2" "$1"; then
    printf '%s' "runs k3s $1 already, and k3s cannot go back to $2"
  elif [ $((to - from)) -gt 1 ]; then
    printf '%s' "runs k3s $1, and Kubernetes is upgraded one minor at a time: set 'version' to a release of" \
      " v1.$((from + 1)) first, have all hosts of the cluster run it, then go on to $2"
  fi
}
