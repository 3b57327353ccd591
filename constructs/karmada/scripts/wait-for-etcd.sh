#!/usr/bin/env bash
# Waits until one of the etcd endpoints answers. Environment: ENDPOINTS, URLs with commas between; FOLDER, where the
# certificate for etcd is.
set -euo pipefail

set -f
IFS=,
while true; do
  for url in $ENDPOINTS; do
    # Whatever it answers: the API server itself can wait for an etcd that is not healthy yet.
    if curl --silent --show-error --max-time 5 --output /dev/null \
      --cacert "$FOLDER/ca.crt" --cert "$FOLDER/tls.crt" --key "$FOLDER/tls.key" "$url/health"; then
      exit 0
    fi
  done
  echo "waiting for etcd at $ENDPOINTS"
  sleep 2
done
