# What etcd trusts and serves. Sourced, never run.
# shellcheck shell=bash disable=SC2154

# What the running etcd read of its trusted CAs. Only root writes there, and only before etcd starts.
loaded=$runtime/loaded

# keep_loaded: keeps the trusted CAs beside etcd, which reads them at its start and never again.
keep_loaded() {
  local file
  for file in peer-ca.crt client-ca.crt; do
    write "$loaded/$file" 0644 <"$config/pki/$file"
  done
}

# forget_loaded: no etcd runs, so none has read any.
forget_loaded() { rm -rf "$loaded"; }

# trusts_as_declared: whether the running etcd trusts the CAs that lie here now, or none runs.
trusts_as_declared() {
  [[ -e $loaded/client-ca.crt ]] || return 0
  cmp -s "$loaded/peer-ca.crt" "$config/pki/peer-ca.crt" && cmp -s "$loaded/client-ca.crt" "$config/pki/client-ca.crt"
}

# pki_facts: prints as JSON what the running etcd trusts and what it serves. Fails if no etcd runs, or a file is no
# certificate of this project's.
pki_facts() {
  local peer client
  [[ -e $loaded/client-ca.crt ]] || return
  peer=$(in_use peer-ca.crt peer.crt) && client=$(in_use client-ca.crt server.crt) || return
  printf '{"peer": %s, "client": %s}\n' "$peer" "$client"
}

in_use() { python3 "$programs/in-use.py" "$loaded/$1" "$config/pki/$1" "$config/pki/$2" 2>/dev/null; }
