# Joins this host to the VPN, and lets k3s start after it. The second half of a step that runs on the host as root
# before k3s is installed; the first half, a file per provider, says how its client is installed and joins. Safe to run
# again: where the host is in the VPN with these settings, nothing is written and nothing restarts. Plain sh, for the
# host may have no bash.
#
# Environment:
#   VPN_INSTALL       true: install the client and join; false: the host is in the VPN already
#   VPN_INTEGRATION   client: the host joins here; k3s: k3s joins when it starts
#   VPN_VERSION       oldest version of the client that will do, and the one that is installed
#   VPN_ADDRESS       address that the host is to have in the VPN
#   VPN_INTERFACE     network interface of the VPN
#   VPN_MTU           bytes that a packet on it may have
#   VPN_HOSTNAME      name of the host in the VPN
#   VPN_SERVER        URL of the control server; missing: the vendor's
#   VPN_NETWORK       ZeroTier's network ID
#   VPN_RESTARTS_K3S  true: k3s loses its pod network when the client makes its interface anew, and is to restart with it
#   VPN_TIMEOUT       seconds to wait for the address, 120 if missing
#   STEP_TIMEOUT      seconds that a download, a package manager and others who use it may take each, 600 if missing
#   SECRET_FILE       path of a file with the key
#   SYSROOT           folder that stands for /, for tests
# shellcheck shell=sh
# shellcheck disable=SC2154 # package and service are the first half's

log() { printf 'vpn: %s\n' "$*" >&2; }

die() {
  log "error: $*"
  exit 1
}

# Puts a copy of a file in its place in one move, where that differs, and sets `changed` then: place SOURCE FILE
place() {
  if cmp -s "$1" "$2"; then return; fi
  [ -d "${2%/*}" ] || mkdir -p "${2%/*}"
  cp "$1" "$2.new"
  mv "$2.new" "$2"
  changed=true
  log "wrote $2"
}

download() {
  if command -v curl >/dev/null; then
    curl --fail --silent --show-error --location --connect-timeout 20 --max-time "$patience" --output "$2" -- "$1"
  elif command -v wget >/dev/null; then
    timeout "$patience" wget -q -O "$2" -- "$1"
  else
    die "found neither curl nor wget, install one of them"
  fi || die "cannot fetch $1"
}

# A field of os-release.
os() { sed -n "s/^$1=[\"']*\([^\"']*\).*/\1/p" "$root/etc/os-release"; }

is_older() {
  [ "$1" != "$2" ] && [ "$(printf '%s\n%s\n' "$1" "$2" | sort -V | head -n 1)" = "$1" ]
}

# Takes the vendor's package key from the net, by its fingerprint and nothing else: key URL FINGERPRINT [OPTION...]
key() {
  url=$1 fingerprint=$2
  shift 2
  mkdir -m 700 "$work/gnupg"
  download "$url" "$work/key"
  gpg --batch --quiet --homedir "$work/gnupg" --import "$work/key" >&2 || die "what $url holds is no key"
  gpg --batch --quiet --homedir "$work/gnupg" "$@" --export "$fingerprint" >"$work/keyring"
  [ -s "$work/keyring" ] || die "$url holds another key than the vendor's known one, $fingerprint: find out why first"
}

install_client() {
  installed=$(client_version || true)
  if [ -n "$installed" ] && ! is_older "$installed" "$VPN_VERSION"; then return; fi
  log "installing $package $VPN_VERSION"
  if command -v apt-get >/dev/null; then
    command -v gpg >/dev/null || apt_get install gnupg
    apt_source
    update_lists
    apt_get install "$package=$VPN_VERSION"
  elif command -v dnf >/dev/null; then
    dnf_source
    # It waits for others who use it, without a limit of its own.
    timeout "$patience" dnf --assumeyes install "$package-$VPN_VERSION" >&2 || die "dnf could not install $package"
  elif [ -z "$installed" ]; then
    die "knows apt and dnf only: install $package $VPN_VERSION here yourself, then run this again"
  else
    log "has $package $installed, older than $VPN_VERSION, and knows apt and dnf only: update it yourself"
  fi
}

# Machines that have just started often run their own updates first.
apt_get() {
  DEBIAN_FRONTEND=noninteractive timeout $((2 * patience)) apt-get --quiet --assume-yes \
    -o DPkg::Lock::Timeout="$patience" -o Acquire::Retries=3 -o Acquire::http::Timeout=30 -o Acquire::https::Timeout=30 "$@" >&2
}

# The lists have a lock of their own, which apt does not wait for.
update_lists() {
  waited=0
  until apt_get update 2>"$work/apt"; do
    if ! grep -q 'Could not get lock' "$work/apt" || [ "$waited" -ge "$patience" ]; then
      cat "$work/apt" >&2
      die "apt-get could not update its lists"
    fi
    [ $((waited % 30)) -ne 0 ] || log "waiting for another apt-get to end"
    sleep 1
    waited=$((waited + 1))
  done
}

# apt_add URL SUITE KEY-URL FINGERPRINT
apt_add() {
  key "$3" "$4"
  place "$work/keyring" "$root/usr/share/keyrings/$package-archive-keyring.gpg"
  echo "deb [signed-by=/usr/share/keyrings/$package-archive-keyring.gpg] $1 $2 main" >"$work/list"
  place "$work/list" "$root/etc/apt/sources.list.d/$package.list"
}

# dnf_add URL KEY-URL FINGERPRINT
dnf_add() {
  key "$2" "$3" --armor
  place "$work/keyring" "$root/etc/pki/rpm-gpg/RPM-GPG-KEY-$package"
  cat >"$work/repo" <<EOF
[$package]
name=$package
baseurl=$1
enabled=1
gpgcheck=1
gpgkey=file:///etc/pki/rpm-gpg/RPM-GPG-KEY-$package
EOF
  place "$work/repo" "$root/etc/yum.repos.d/$package.repo"
}

addresses() {
  ip -o addr show dev "$VPN_INTERFACE" 2>/dev/null | awk '{ sub("/.*", "", $4); print $4 }'
}

has_address() {
  ip -o addr show dev "$VPN_INTERFACE" 2>/dev/null \
    | awk -v address="$VPN_ADDRESS" '{ sub("/.*", "", $4) } $4 == address { found = 1 } END { exit !found }'
}

wait_for_address() {
  limit=${VPN_TIMEOUT:-120} waited=0
  until has_address; do
    if [ "$waited" -ge "$limit" ]; then
      found=$(addresses | tr '\n' ' ')
      die "gave up after $limit s: $VPN_INTERFACE has ${found:-no address }and not $VPN_ADDRESS." \
        "$(address_hint) Or write the address that it has as this host's vpnIp"
    fi
    if [ $((waited % 30)) -eq 0 ]; then log "waiting for $VPN_ADDRESS on $VPN_INTERFACE"; fi
    sleep 1
    waited=$((waited + 1))
  done
}

check_mtu() {
  read -r mtu <"$root/sys/class/net/$VPN_INTERFACE/mtu"
  [ "$mtu" -ge "$VPN_MTU" ] \
    || die "$VPN_INTERFACE carries packets of $mtu bytes, less than the $VPN_MTU of 'mtu': lower that, or $(mtu_hint)"
}

# Without the address, k3s would not find the one to bind to when the machine starts.
order_k3s() {
  if ! command -v systemctl >/dev/null; then
    log "found no systemd: see to it yourself that k3s starts after the VPN"
    return
  fi
  start='' together=''
  if [ "${VPN_RESTARTS_K3S:-}" = true ]; then together=PartOf=$service.service; fi
  if [ "$VPN_INTEGRATION" = client ]; then
    start="
[Service]
ExecStartPre=/usr/bin/timeout 120 /bin/sh -c 'until ip -o addr show dev $VPN_INTERFACE | grep -qF \" $VPN_ADDRESS/\"; do sleep 1; done'"
  fi
  cat >"$work/unit" <<EOF
[Unit]
Wants=$service.service
After=$service.service
$together
$start
EOF
  changed=
  for unit in k3s k3s-agent; do
    place "$work/unit" "$root/etc/systemd/system/$unit.service.d/10-vpn.conf"
  done
  if [ -n "$changed" ]; then systemctl daemon-reload; fi
}

main() {
  umask 022
  root=${SYSROOT:-} patience=${STEP_TIMEOUT:-600}
  work=$(mktemp -d)
  trap 'rm -rf "$work"' EXIT
  trap 'exit 129' HUP INT TERM

  # What the host joined with: other settings than last time have it join again.
  joined=$root/var/lib/serverless-federation/vpn
  env | grep '^VPN_' | LC_ALL=C sort >"$work/settings"

  if [ "$VPN_INSTALL" = true ]; then
    command -v systemctl >/dev/null || die "knows systemd only: join the VPN yourself, and say so with 'install: false'"
    install_client
    systemctl enable --now "$service" >&2
    configure
    if [ "$VPN_INTEGRATION" = k3s ]; then
      leave_to_k3s
    elif ! has_address || ! cmp -s "$work/settings" "$joined"; then
      log "joining as $VPN_HOSTNAME"
      join
    fi
  fi
  if [ "$VPN_INTEGRATION" = client ]; then
    wait_for_address
    check_mtu
  fi
  order_k3s
  place "$work/settings" "$joined"
  log "is in the VPN with these settings"
}

main
