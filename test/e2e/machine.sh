#!/usr/bin/env bash
# Says what this machine lacks for the end-to-end test, all at once and before anything is built: programs, rights, and
# features of the kernel. Raises a limit that is often too low for it: what runs beside one another here needs more
# inotify instances than the usual 128, and kubelet and containerd fail without a word of that ("too many open files").
#
# Usage: machine.sh [WHAT…]     what is to run besides API servers and Karmada: hosts, vpn, node, wasm, parts
set -euo pipefail

PATH=$PATH:/usr/sbin:/sbin # where daemons are, which a user's PATH may lack
lacks=()
packages=()

# lack COMMAND… WHAT: notes what is missing where a command fails.
lack() { "${@:1:$#-1}" >/dev/null 2>&1 || lacks+=("${!#}"); }

# program NAME-OR-PATH… PACKAGE: notes which of them are missing, and Debian's package.
program() {
  local name
  for name in "${@:1:$#-1}"; do
    if ! command -v "$name" >/dev/null; then
      lacks+=("$name")
      packages+=("${!#}")
    fi
  done
}

links_seccomp() { cc -x c - -lseccomp -o /dev/null <<<'int main(void) { return 0; }'; }
mounts_overlays() { grep -qw overlay /proc/filesystems || modprobe overlay; }

program node nodejs
program openssl openssl
program curl curl
program ip iproute2
program unshare nsenter setpriv util-linux
program chroot coreutils
lack command -v go "Go, of the version in test/e2e/servers/go.mod or newer (https://go.dev/doc/install)"
if [[ $(id -u) == 0 ]]; then
  lack unshare --mount --net --pid --uts --ipc --fork --mount-proc true \
    "namespaces: root may not make them here, as in most containers"
  lack unshare --net ip link add probe type bridge "bridges of networks ('modprobe bridge')"
  lack unshare --net ip link add probe type veth peer name other "pairs of network interfaces ('modprobe veth')"
else
  lacks+=("root, for namespaces and mounts (sudo --preserve-env)")
fi

for what; do
  case $what in
    hosts) program sshd openssh-server ;;
    vpn) lack test -c /dev/net/tun "/dev/net/tun ('modprobe tun')" ;;
    node)
      program containerd ctr containerd
      program runc runc
      program dnsmasq dnsmasq-base
      program ldd libc-bin
      program /usr/lib/cni/{bridge,host-local,loopback} containernetworking-plugins
      ;;
    wasm)
      lack mounts_overlays "overlay file systems ('modprobe overlay')"
      program cc gcc
      program protoc protobuf-compiler
      lack links_seccomp "libseccomp.so (Debian: libseccomp-dev, libc6-dev)"
      lack eval 'command -v cargo && command -v rustc' "Rust 1.94 or newer (https://rustup.rs)"
      ;;
    parts)
      lack mounts_overlays "overlay file systems ('modprobe overlay')"
      program cc gcc
      program git git
      program redis-server redis-cli redis-server
      ;;
    *)
      echo "$0: unknown: $what" >&2
      exit 64
      ;;
  esac
done
if ((${#lacks[@]})); then
  printf 'the end-to-end test needs, and this machine lacks:\n' >&2
  printf '  %s\n' "${lacks[@]}" >&2
  if ((${#packages[@]})); then
    mapfile -t packages < <(printf '%s\n' "${packages[@]}" | sort -u)
    echo "Debian: apt-get install ${packages[*]}" >&2
  fi
  exit 1
fi

limit=/proc/sys/fs/inotify/max_user_instances
enough=1024
current=$(<"$limit")
if ((current < enough)); then
  if echo "$enough" 2>/dev/null >"$limit"; then
    echo "raised fs.inotify.max_user_instances from $current to $enough, until this machine restarts" >&2
  else
    echo "warning: fs.inotify.max_user_instances is $current, which may be too few: 'sysctl -w fs.inotify.max_user_instances=$enough'" >&2
  fi
fi
