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

# address_of URL: the address that its host stands for; - if that is not known.
address_of() {
  local host=${1#*://} address
  address=$(getent ahostsv4 "${host%:*}" | awk 'NR == 1 { print $1 }') || true
  printf '%s\n' "${address:--}"
}

# member_list ENDPOINTS: a line "ID NAME ADDRESS CLIENT-URL LEARNER" a member, - for none. It is read through the
# leader: an answer is proof of a quorum. Not as JSON: IDs are numbers there, too large for jq.
member_list() {
  local list id name peer client learner
  list=$(ctl "$1" member list --write-out=simple 2>/dev/null) || return
  while IFS=, read -r id _ name peer client learner; do
    name=${name# } client=${client# }
    printf '%s %s %s %s %s\n' "$id" "${name:--}" "$(address_of "${peer# }")" "${client:--}" "${learner# }"
  done <<<"$list"
}

own_address() { address_of "$(flag initial-advertise-peer-urls)"; }

# replaced: the member whose place this one is declared to take, or -.
replaced() { declared '[.members[] | select(.name == $me).replaces // empty] | first // "-"'; }
