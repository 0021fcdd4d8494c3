# How a machine sees the cluster from outside its own etcd. Sourced, never run.
# shellcheck shell=bash disable=SC2154,SC2016

# ctl ENDPOINTS ARGUMENTS…: etcdctl as this member; its server certificate is a client's too and carries its address.
ctl() {
  "$root/opt/etcd/current/etcdctl" --endpoints="$1" --command-timeout=5s --dial-timeout=2s \
    --cacert="$config/pki/client-ca.crt" --cert="$config/pki/server.crt" --key="$config/pki/server.key" "${@:2}"
}

# others: the other members' client URLs, comma-separated.
others() {
  declared '. as $d | [.members[] | select(.name != $me)
    | "https://\(if $d.discovery == "dns" then .dnsName else .address end):2379"] | join(",")'
}

# answers URL: whether a member answers through the leader, as no learner does. Out of space it does, though `endpoint
# health` then says that it is not healthy.
answers() { ctl "$1" get health &>/dev/null; }

# status_of URL: a line "VERSION STORAGE-VERSION BYTES REVISION" of a member, - for none. Fails where it does not answer, or
# not as etcd does.
status_of() {
  local status version storage bytes revision
  status=$(ctl "$1" endpoint status --write-out=json 2>/dev/null) || return
  status=$(jq -r '.[0].Status | [.version // "", .storageVersion // "", .dbSize // 0, .header.revision // 0]
    | map(tostring | gsub("[^!-~]"; "?") | if . == "" then "-" else . end) | join(" ")' <<<"$status") || return
  read -r version storage bytes revision <<<"$status"
  { holds etcdVersion "${version#-}" && holds etcdVersion "${storage#-}" && holds natural "$bytes" && holds natural "$revision"; } || {
    repeating warn "what $1 says of itself is of no etcd: $status"
    return 1
  }
  printf '%s\n' "$status"
}

# address_of URL: the address that its host stands for; - if that is not known.
address_of() {
  local host=${1#*://} address
  holds memberUrl "$1" || { echo - && return; }
  address=$(getent ahostsv4 "${host%:*}" | awk 'NR == 1 { print $1 }') || true
  printf '%s\n' "${address:--}"
}

# member_list ENDPOINTS: a line "ID NAME ADDRESS CLIENT-URL LEARNER" a member, - for none, and for a URL that is none; ? for
# a name that none of ours has. It is read through the leader: an answer is proof of a quorum.
member_list() {
  local list id name peer client learner
  # IDs as texts: as numbers they are too large for jq. In hexadecimal, etcd leaves out who is a learner.
  list=$(ctl "$1" member list --write-out=json 2>/dev/null | sed -E 's/"ID":([0-9]{1,20})/"ID":"\1"/g') || return
  list=$(jq -r '.members[] | [.ID, .name // "", .peerURLs[0] // "", .clientURLs[0] // "", .isLearner // false]
    | map(tostring | gsub("[^!-~]"; "?") | if . == "" then "-" else . end) | join(" ")' <<<"$list") || return
  while read -r id name peer client learner; do
    holds name "$name" || [[ $name == - ]] || name='?'
    holds memberUrl "$client" || client=-
    printf '%x %s %s %s %s\n' "$id" "$name" "$(address_of "$peer")" "$client" "$learner"
  done <<<"$list"
}

own_address() { address_of "$(flag initial-advertise-peer-urls)"; }

# replaced: the member whose place this one is declared to take, or -.
replaced() { declared '[.members[] | select(.name == $me).replaces // empty] | first // "-"'; }
