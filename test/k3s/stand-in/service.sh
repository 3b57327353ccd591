# shellcheck shell=sh
# Stand-in for k3s as a service, as far as the bootstrap sees it; the stand-ins for systemd and OpenRC start and stop it.
# It does what k3s 1.35 was seen to do: READY=1 and a Ready node come before its network, the API server keeps the Ready of
# before a restart, and Secrets that were encrypted keep it from starting without encryption. A test has it misbehave by
# files in /var/stand-in:
#   dies-after    seconds after which k3s ends, though it was Ready; last-words: what it logs then
#   never         it never registers its node; the file's text is what it logs
#   stale         its kubelet does not report: the Ready that the API server shows is an old one
# Where there is a file `processes`, it adds to that what runs on the machine when it starts.
set -eu
state=/var/stand-in
PATH=/usr/bin:$PATH # its own programs are this machine's, whatever those of the host are

# Sets `pid` to what runs of a service, to 0 where nothing does.
find_main_pid() {
  pid=0
  [ ! -s "$state/main-pid-$1" ] || read -r pid <"$state/main-pid-$1" || true # its line may have no end
  if [ "$pid" -le 0 ] || ! kill -0 "$pid" 2>/dev/null; then pid=0; fi
}

is_active() {
  active=
  [ ! -e $state/active ] || read -r active <$state/active || true
  find_main_pid "$1"
  [ "$active" = "$1" ] && [ "$pid" -gt 0 ]
}

stop() {
  find_main_pid "$1"
  [ "$pid" -eq 0 ] || kill -- "-$pid"
}

start() {
  name=$1 config=/etc/rancher/k3s/config.yaml data=/var/lib/rancher/k3s
  [ ! -e $state/processes ] || ps -eo args >>$state/processes
  mkdir -p $data/agent $data/server/cred /etc/rancher/node
  if [ -s $state/never ]; then
    cat $state/never >>$state/log
  else
    : >>$data/agent/kubelet.kubeconfig
  fi
  [ -s /etc/rancher/node/password ] || echo made-by-k3s >/etc/rancher/node/password
  if [ "$name" = k3s ]; then
    token='' address='' encryption=''
    while read -r key value; do
      case $key in
        token-file:) token=$value ;;
        bind-address:) address=$value ;;
        secrets-encryption:) encryption=$value ;;
      esac
    done <$config
    keys=$data/server/cred/encryption-config.json
    if [ "$encryption" = true ]; then
      echo '{"resources":[{"resources":["secrets"],"providers":[{"aescbc":{"keys":[]}},{"identity":{}}]}]}' >$keys
    elif grep -qs '"providers":\[{"aescbc"' $keys; then
      echo 'level=fatal msg="identity transformer tried to read encrypted data"' >>$state/log
      exit 1
    fi
    mkdir -p $data/server/db
    if [ ! -f $data/server/token ]; then
      if [ -n "$token" ]; then cp "$token" $data/server/token; else printf 'K10ca::server:made-by-k3s\n' >$data/server/token; fi
    fi
    cat >/etc/rancher/k3s/k3s.yaml <<KUBECONFIG
apiVersion: v1
kind: Config
clusters:
- name: default
  cluster: {certificate-authority-data: Y2E=, server: 'https://${address:-127.0.0.1}:6443'}
contexts:
- name: default
  context: {cluster: default, user: default}
current-context: default
users:
- name: default
  user: {client-certificate-data: Y2VydA==, client-key-data: a2V5}
KUBECONFIG
  fi
  lives=600
  [ ! -e $state/dies-after ] || read -r lives <$state/dies-after || true
  setsid sh -c "sleep $lives; cat $state/last-words >>$state/log" </dev/null >/dev/null 2>&1 &
  echo $! >"$state/main-pid-$name"
  # What it reports it does after it has started, and in whole seconds.
  [ -s $state/never ] || [ -e $state/stale ] || date -u +%Y-%m-%dT%H:%M:%SZ >$state/heartbeat
  printf '%s' "$name" >$state/active
}
