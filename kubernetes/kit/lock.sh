# A lock in etcd, by its JSON gateway: a key that is there while its lease lasts. Sourced, never run.
# shellcheck shell=bash disable=SC2154

lock_key=$(printf 'etcd-kubernetes/api-server-restart' | base64)
# Longer than a restart may take. A machine that does not come back from one holds the others up for this long.
lock_seconds=600

# etcd PATH BODY: calls the first etcd that answers, and prints the answer.
etcd() {
  local url
  for url in ${endpoints//,/ }; do
    curl -sf -m 10 --cacert "$pki/etcd-client/ca.crt" --cert "$pki/etcd-client/client.crt" --key "$pki/etcd-client/client.key" \
      -d "$2" "$url/v3/$1" && return
  done
  return 1
}

# lock HOLDER: takes the lock and sets `lease`, or fails.
lock() {
  local answer holder
  holder=$(printf '%s' "$1" | base64)
  answer=$(etcd lease/grant "{\"TTL\":$lock_seconds}") || return
  [[ $answer =~ \"ID\":\"([0-9]+)\" ]] || return
  lease=${BASH_REMATCH[1]}
  answer=$(etcd kv/txn "{\"compare\":[{\"key\":\"$lock_key\",\"target\":\"CREATE\",\"create_revision\":\"0\"}],
    \"success\":[{\"request_put\":{\"key\":\"$lock_key\",\"value\":\"$holder\",\"lease\":\"$lease\"}}]}") || return
  [[ $answer == *'"succeeded":true'* ]] || { unlock && return 1; }
}

unlock() { etcd lease/revoke "{\"ID\":\"$lease\"}" >/dev/null; }
