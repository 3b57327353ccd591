# The service of k3s: whether it runs, since when, and what it says.
# shellcheck shell=sh disable=SC2034,SC2154 # the parts of remote.sh share their variables

# The files of a service: has_service NAME
has_service() { [ -e "/etc/systemd/system/$1.service" ] || [ -e "/etc/init.d/$1" ]; }

# The installer looks for OpenRC first, too.
has_openrc() { [ -x /sbin/openrc-run ]; }

is_active() {
  if has_openrc; then
    rc-service "$service" status >/dev/null 2>&1
  else
    systemctl is-active --quiet "$service"
  fi
}

restart() {
  log "starting $service"
  if has_openrc; then
    timeout "$timeout" rc-service "$service" restart
  else
    timeout "$timeout" systemctl restart "$service"
  fi || fail "$service did not start within $timeout s"
}

# Sets `pid` to the process ID of k3s itself, to nothing or 0 where it does not run.
find_process() {
  if has_openrc; then
    read_line supervisor "/run/$service.pid"
    read_line pid "/proc/$supervisor/task/$supervisor/children"
    pid=${pid%% *}
  else
    pid=$(systemctl show --property MainPID --value "$service") || true
  fi 2>/dev/null
}

# "START AGE" of a process in whole seconds, nothing where it has ended: when it started, never later than it did, and
# how long ago. USER_HZ is 100 on all that k3s runs on.
life_of() {
  now=$(date +%s)
  read -r up _ </proc/uptime
  awk -v now="$now" -v up="$up" \
    '{ sub(/.*\) /, ""); age = up - $20 / 100; print int(now - age), int(age) }' "/proc/$1/stat" 2>/dev/null
}

service_log() {
  if has_openrc; then
    tail -n "$1" "/var/log/$service.log"
  else
    journalctl --unit "$service" --lines "$1" --no-pager --output cat
  fi 2>/dev/null || true
}

# What the service's log tells of, and the way out of it.
explain() {
  case $1 in
    *'ode password rejected'* | *'unable to verify hash for node'*)
      log "the cluster knows a node '$node' with another password: a machine that is gone, or one of the same name." \
        "'scripts/host.sh replace $node' lets this one take its place"
      ;;
    *'identity transformer tried to read encrypted data'*)
      log "Secrets are encrypted, and 'secretsEncryption' was switched off: set it to true again, run 'k3s" \
        "secrets-encrypt disable' and 'k3s secrets-encrypt reencrypt --force --skip' on a server, and only then set it to false"
      ;;
    *'cgroup v1'*) log "$CGROUP_V1" ;;
    *'memory cgroup'*) log "$NO_MEMORY_CGROUP" ;;
    *ireguard*'not supported'*) log "$NO_WIREGUARD" ;;
    *'certificate has expired or is not yet valid'*) log "a clock is wrong, here or on the server: set it, and have it kept by NTP" ;;
  esac
}

# Ends the run with what the service said last.
fail() {
  lines=$(service_log 20)
  if [ -n "$lines" ]; then
    log "the last lines of $service's log:"
    printf '%s\n' "$lines" | sed 's/^/    /' >&2
    explain "$lines"
  else
    log "$service's log is empty"
  fi
  die "$*"
}

# The kubelet's own credentials may read its node, on servers and agents alike.
kubelet_kubectl() {
  k3s kubectl --kubeconfig /var/lib/rancher/k3s/agent/kubelet.kubeconfig --request-timeout 10s "$@"
}

# "NAME STATUS TIME" of the node's Ready, as the kubelet reported it last.
node_condition() {
  kubelet_kubectl get node "$node" \
    -o 'jsonpath={.metadata.name} {range .status.conditions[?(@.type=="Ready")]}{.status} {.lastHeartbeatTime}{end}{"\n"}' 2>/dev/null
}

is_registered() {
  node_condition >"$dir/condition" || return 1
  read -r name _ <"$dir/condition" && [ "$name" = "$node" ]
}

# Up means up: k3s says that it is ready before its network runs, and the API server keeps the Ready of before a restart.
# So the same process must have run for a while, and the kubelet must have reported since it started.
is_up() {
  find_process
  # The time is taken with the age: what comes next may take long.
  life_of "${pid:-0}" >"$dir/life" || true
  read -r started age <"$dir/life" || age=
  if [ -n "$was_ready" ] && { [ -z "$age" ] || [ "$pid" != "$was_ready" ]; }; then
    fail "k3s was $wanted and its process ended then"
  fi
  [ -n "$age" ] && is_registered || return 1
  read -r _ ready reported _ <"$dir/condition"
  [ -n "$reported" ] || return 1
  [ "$wanted" = Registered ] || [ "$ready" = True ] || return 1
  read_time "$reported" || return 1
  [ "$seconds" -ge "$started" ] || return 1
  was_ready=$pid
  [ "$age" -ge "$settle" ]
}

wait_until_up() {
  required wanted ready
  required settle settle
  was_ready=
  # Its last seconds are for settling, which must not eat up the time to become Ready.
  try_for $((timeout + settle)) "the node $node to be $wanted and to stay so for $settle s" is_up \
    || fail "gave up after $timeout s waiting for the node $node to be $wanted"
}
