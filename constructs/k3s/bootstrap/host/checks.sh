# What a host must have, seen to before anything is written. Each check tells its fault; all are told at once.
#   cgroup-v1     refused: the kubelet of this release does not start with control groups v1
#   wireguard     true: the pod network needs WireGuard in the kernel
#   ports         "PORT/PROTOCOL WHAT" a line, that k3s listens on
#   now           the operator's clock, in seconds since 1970
# shellcheck shell=sh disable=SC2034,SC2154 # the parts of remote.sh share their variables

CGROUP_V1="this host has control groups v1, which this release of Kubernetes does not start with: boot with \
'systemd.unified_cgroup_hierarchy=1' on the kernel's command line (or a newer system), or set \
'kubelet-arg: [fail-cgroupv1=false]' under 'k3s.server' and 'k3s.agent'"
NO_MEMORY_CGROUP="the kernel has no memory control group: add 'cgroup_memory=1 cgroup_enable=memory' to its command \
line, on a Raspberry Pi in /boot/firmware/cmdline.txt, and restart the host"
NO_WIREGUARD="the kernel has no WireGuard, which the pod network needs: install it (kernel 5.6 or newer has it as a \
module), or set another 'network.flannel.backend'"

fault() {
  log "error: $*"
  faults=$((faults + 1))
}

end_checks() { [ "$faults" -eq 0 ] || die "nothing was changed: mend what is said above, then run this again"; }

check_cgroups() {
  if [ -e /sys/fs/cgroup/cgroup.controllers ]; then
    grep -qw memory /sys/fs/cgroup/cgroup.controllers || fault "$NO_MEMORY_CGROUP"
    return
  fi
  ! setting_is cgroup-v1 refused || fault "$CGROUP_V1"
  awk '$1 == "memory" && $4 == 1 { found = 1 } END { exit !found }' /proc/cgroups || fault "$NO_MEMORY_CGROUP"
}

# Certificates are not valid yet, or no more, where a clock is off by much.
check_clock() {
  setting theirs now
  off=$(($(date +%s) - theirs))
  if [ "${off#-}" -gt 300 ]; then
    fault "the clock is off by ${off#-} s from the one where the bootstrap runs: set it, and have it kept by NTP"
  fi
}

check_wireguard() {
  if ! setting_is wireguard true || [ -d /sys/module/wireguard ]; then return; fi
  modprobe -q wireguard 2>/dev/null || fault "$NO_WIREGUARD"
}

# A port that k3s itself has is no fault.
check_ports() {
  if is_active || ! command -v ss >/dev/null; then return; fi
  [ -f "$dir/host/ports" ] || return 0
  ss --no-header --listening --tcp --udp --numeric --processes >"$dir/listening" 2>/dev/null || return 0
  awk '
    FNR == NR { port = $5 "/" $1; sub(/.*:/, "", port); if (!(port in users)) users[port] = $7; next }
    users[$1] != "" { print users[$1], $0 }' "$dir/listening" "$dir/host/ports" >"$dir/taken"
  while read -r user port what; do
    case $user in
      *'"k3s'* | *'"containerd'*) ;; # what an earlier run left
      *) fault "the port $port, for $what, is taken by $user: stop that, or move it to another port" ;;
    esac
  done <"$dir/taken"
}

# A k3s that is installed first would wait there without an end, and say no more than that it does.
check_server() {
  try_for "$timeout" "the server at $1, where hosts of this cluster join, to answer" answers "$1" \
    || die "no server answers at $1, where hosts of this cluster join, so k3s was left as it was: is the first server up?" \
      "In a VPN k3s listens on the servers' addresses there alone, and 'registrationAddress' must lead to them"
}

# A server keeps the password that a node of this name came with first, and turns away one with another. Asks it, with
# the password that the host has or will have, over a connection that the token's hash of the CA vouches for.
check_node_password() {
  server=$(sed -n "s/^server: *[\"']*\([^\"']*\).*/\1/p" "$config")
  if [ -z "$server" ] || is_active || ! command -v curl >/dev/null; then return; fi
  check_server "$server"
  mkdir -p "$dir/join"
  curl --silent --insecure --noproxy '*' --connect-timeout 10 --max-time 20 --output "$dir/join/ca" -- "$server/cacerts" || return 0
  password=/etc/rancher/node/password
  read_line token "$dir/token"
  hash=${token#K10}
  case $token in K10*::*) ;; *) return 0 ;; esac
  [ "$(sha256sum "$dir/join/ca" | cut -d ' ' -f 1)" = "${hash%%::*}" ] \
    || die "the server at $server has another CA than the join token tells of: it is of another cluster"
  if [ -s "$password" ]; then
    cp "$password" "$dir/join/password"
  else
    od -An -N16 -tx1 /dev/urandom | tr -d ' \n' >"$dir/join/password"
  fi
  {
    printf 'user = "node:%s"\n' "$(printf '%s' "${token##*:}" | sed 's/["\\]/\\&/g')"
    printf 'header = "k3s-Node-Name: %s"\nheader = "k3s-Node-Password: %s"\n' "$node" "$(cat "$dir/join/password")"
  } >"$dir/join/curl"
  answer=$(curl --silent --config "$dir/join/curl" --noproxy '*' --cacert "$dir/join/ca" --connect-timeout 10 --max-time 20 \
    --output /dev/null --write-out '%{http_code}' -- "$server/v1-k3s/serving-kubelet.crt") || return 0
  case $answer in
    200)
      # The server has just kept it: k3s has to come with the same.
      if [ ! -s "$password" ]; then
        mkdir -p /etc/rancher/node
        cp "$dir/join/password" "$password.new"
        mv "$password.new" "$password"
      fi
      ;;
    401) die "the server at $server does not take the join token: it was changed, fetch the cluster's new one" ;;
    403)
      explain 'Node password rejected'
      die "nothing was changed: the cluster turns this host away"
      ;;
  esac
}
