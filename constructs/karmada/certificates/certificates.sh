#!/usr/bin/env bash
# Makes those Secrets with certificates of the Karmada control plane that are not there yet. It replaces none.
#
# PLAN_DIR holds
#   plan         a line "SECRET ISSUER DAYS" per certificate, each after the one that signs it; ISSUER is the Secret of
#                that one, or "-" for a certificate that signs itself
#   SECRET.cnf   its subject, usages and names, as openssl reads them, in a section "extensions"
# NAMESPACE is where the Secrets are, KEY_SIZE the size of their RSA keys.
set -euo pipefail
umask 077

: "${NAMESPACE:?}" "${PLAN_DIR:?}" "${KEY_SIZE:?}"
# A certificate with fewer days than this left is named in the log.
readonly WARN_DAYS=30

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

log() { printf '%s\n' "$*" >&2; }
die() {
  log "error: $*"
  exit 1
}

# read_key SECRET KEY FILE: writes one key of a Secret to a file; false when there is no such Secret.
read_key() {
  kubectl get secret "$1" --namespace "$NAMESPACE" --ignore-not-found \
    --output "go-template={{base64decode (index .data \"$2\")}}" >"$3" || die "cannot read '$2' of Secret '$1'"
  [[ -s $3 ]]
}

# By Secret: when its certificate ends, the seconds until then, and its names.
declare -A END=() LEFT=() NAMES=()

# inspect SECRET: sets END, LEFT and NAMES of it.
inspect() {
  local text now until
  openssl x509 -in "$work/$1.crt" -noout -enddate -ext subjectAltName >"$work/text" 2>/dev/null \
    || die "what Secret '$1' has in tls.crt is no certificate"
  text=$(<"$work/text")
  text=${text#notAfter=}
  NAMES[$1]=${text#*$'\n'},
  read -r END["$1"] until < <(date -u -d "${text%%$'\n'*}" '+%Y-%m-%dT%H:%M:%SZ %s')
  printf -v now '%(%s)T' -1
  LEFT[$1]=$((until - now))
}

# check_existing SECRET ISSUER: says what is wrong with a certificate that is kept.
check_existing() {
  local secret=$1 issuer=$2 key name
  if ((${LEFT[$secret]} < WARN_DAYS * 86400)); then
    log "warning: the certificate in '$secret' ends on ${END[$secret]}, renew it"
  fi
  if [[ $issuer != - ]] && ! openssl verify -partial_chain -no_check_time -CAfile "$work/$issuer.crt" \
    "$work/$secret.crt" >/dev/null 2>&1; then
    log "warning: the certificate in '$secret' is not signed by the one in '$issuer', renew it"
  fi
  while read -r key _ name; do
    [[ $key =~ ^(DNS|IP)\.[0-9]+$ ]] || continue
    # openssl writes IPv6 addresses in capitals.
    [[ ${NAMES[$secret]^^} == *":${name^^},"* ]] || log "warning: the certificate in '$secret' is not valid for '$name', renew it"
  done <"$PLAN_DIR/$secret.cnf"
}

# issue SECRET ISSUER DAYS: makes a key and a certificate.
issue() {
  local secret=$1 issuer=$2 days=$3 sign=()
  if [[ $issuer != - ]]; then
    ((${LEFT[$issuer]} > 86400)) || die "the CA in '$issuer' ends on ${END[$issuer]}, it can sign nothing any more"
    if ((${LEFT[$issuer]} / 86400 < days)); then
      days=$((${LEFT[$issuer]} / 86400))
      log "warning: the CA in '$issuer' ends in $days days, so '$secret' does too"
    fi
    [[ -e $work/$issuer.key ]] || read_key "$issuer" tls.key "$work/$issuer.key" || die "Secret '$issuer' is gone"
    sign=(-CA "$work/$issuer.crt" -CAkey "$work/$issuer.key")
  fi
  openssl req -x509 -new -batch -sha256 -days "$days" -config "$PLAN_DIR/$secret.cnf" -extensions extensions \
    -newkey "rsa:$KEY_SIZE" -noenc -keyout "$work/$secret.key" "${sign[@]}" -out "$work/$secret.crt" \
    2>"$work/openssl" || die "openssl: $(<"$work/openssl")"
}

# store SECRET ISSUER: makes the Secret; false when there is one by now.
store() {
  local secret=$1 ca=$2
  if [[ $ca == - ]]; then ca=$secret; fi
  inspect "$secret"
  kubectl create -f - >"$work/created" 2>&1 <<EOF && return 0
apiVersion: v1
kind: Secret
type: kubernetes.io/tls
metadata:
  name: $secret
  namespace: "$NAMESPACE"
  labels:
    app.kubernetes.io/name: $secret
    app.kubernetes.io/managed-by: serverless-federation
    app.kubernetes.io/component: certificate
  annotations:
    serverless-federation.io/not-after: "${END[$secret]}"
data:
  tls.crt: $(base64 -w0 <"$work/$secret.crt")
  tls.key: $(base64 -w0 <"$work/$secret.key")
  ca.crt: $(base64 -w0 <"$work/$ca.crt")
EOF
  rm -f "$work/$secret.key"
  read_key "$secret" tls.crt "$work/$secret.crt" || die "cannot make Secret '$secret': $(<"$work/created")"
  return 1
}

# A CA that is gone is not made anew under the certificates that it signed: nobody would trust them any more.
declare -A exists=()
while read -r secret issuer days; do
  if read_key "$secret" tls.crt "$work/$secret.crt"; then
    exists[$secret]=true
    [[ $issuer == - || -n ${exists[$issuer]-} ]] \
      || die "there is a Secret '$secret' but no '$issuer', which holds the CA that signed it: bring '$issuer' back from a backup, or delete '$secret' to have both made anew"
  fi
done <"$PLAN_DIR/plan"

while read -r secret issuer days; do
  state=kept
  if [[ -z ${exists[$secret]-} ]]; then
    issue "$secret" "$issuer" "$days"
    if store "$secret" "$issuer"; then state=made; fi
  fi
  if [[ $state == kept ]]; then
    inspect "$secret"
    check_existing "$secret" "$issuer"
  fi
  log "$state $secret, ends on ${END[$secret]}"
done <"$PLAN_DIR/plan"
