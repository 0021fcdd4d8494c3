# How a machine sees the cluster from outside its own etcd. Sourced, never run.
# shellcheck shell=bash disable=SC2154,SC2016

# ctl ENDPOINTS ARGUMENTS…: runs etcdctl as this member. Its server certificate is also a client's, and carries its
# address.
ctl() {
  "$root/opt/etcd/current/etcdctl" --endpoints="$1" --command-timeout=5s --dial-timeout=2s \
    --cacert="$config/pki/client-ca.crt" --cert="$config/pki/server.crt" --key="$config/pki/server.key" "${@:2}"
}

# others: prints the other members' client URLs, comma-separated.
others() {
  declared '. as $d | [.members[] | select(.name != $me)
    | "https://\(if $d.discovery == "dns" then .dnsName else .address end):2379"] | join(",")'
}

# answers URL: whether a member answers through the leader, which no learner does. A member that is out of space still
# does, although `endpoint health` then calls it unhealthy.
answers() { ctl "$1" get health &>/dev/null; }

# status_of URL: prints a member's "VERSION STORAGE-VERSION BYTES REVISION" on one line, with - for an empty value.
# Fails if the member does not answer, or does not answer like etcd.
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

# address_of URL: prints the address that its host resolves to, or - if that is not known.
address_of() {
  local host=${1#*://} address
  holds memberUrl "$1" || { echo - && return; }
  address=$(getent ahostsv4 "${host%:*}" | awk 'NR == 1 { print $1 }') || true
  printf '%s\n' "${address:--}"
}

# member_list ENDPOINTS: prints a line "ID NAME ADDRESS CLIENT-URL LEARNER" per member, with - for an empty value or an
# invalid URL, and ? for a name that none of our members can have. It reads through the leader, so an answer proves a
# quorum.
member_list() {
  local list id name peer client learner
  # Make IDs texts: as numbers they are too large for jq. With hexadecimal output, etcd omits who is a learner.
  list=$(ctl "$1" member list --write-out=json 2>/dev/null | sed -E 's/"ID":([0-9]{1,20})/"ID":"\1"/g') || return
  list=$(jq -r '.members[] | [.ID, .name // "", .peerURLs[0] // "", .clientURLs[0] // "", .isLearner // false]
    | map(tostring | gsub("[^!-~]"; "?") | if . == "" then "-" else . end) | join(" ")' <<<"$list") || return
  while read -r id name peer client learner; do
    holds name "$name" || [[ $name == - ]] || name='?'
    holds memberUrl "$client" || client=-
    printf '%x %s %s %s %s\n' "$id" "$name" "$(address_of "$peer")" "$client" "$learner"
  done <<<"$list"
}

# alone ENDPOINTS PROGRAM ARGUMENTS…: runs it while no other member runs one: each keeps a member from answering for a
# while.
alone() { ctl "$1" lock etcd-maintenance --ttl=60 -- "${@:2}"; }

# leads URL: whether the member there is the leader.
leads() {
  ctl "$1" endpoint status --write-out=json 2>/dev/null |
    jq -e 'any(.[]; .Status.leader == .Status.header.member_id)' >/dev/null
}

# hand_over URL: has the leader there hand its leadership to another voter, if there is one.
hand_over() {
  local successor
  successor=$(member_list "$1" | awk -v url="$1" '$4 != url && $5 == "false" { print $1; exit }')
  [[ -z $successor ]] || ctl "$1" move-leader "$successor" >/dev/null || not_yet "$1 to hand its leadership over"
}

own_address() { address_of "$(flag initial-advertise-peer-urls)"; }

# replaced: prints the member whose place this one is declared to take, or -.
replaced() { declared '[.members[] | select(.name == $me).replaces // empty] | first // "-"'; }
