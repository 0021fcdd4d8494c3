# Shared by the programs on an etcd machine; sourced, never run.
#
# A program that makes one attempt ends with 0 when it is done, 1 when it is to be tried again, 3 when it refuses.
# Attempts are programs, not functions: bash does not stop at errors in a function whose result is asked for.
# shellcheck shell=bash disable=SC2034,SC2016
set -euo pipefail
shopt -s inherit_errexit

# Tests give the machine another root directory; on a machine it is empty.
root=${ETCD_MACHINE_ROOT:-}
config=$root/etc/etcd
# On the root disk: what lets the machine boot while AWS is out of reach.
kept=$root/var/lib/etcd-machine
# The data volume, and who it says it is.
volume=$root/var/lib/etcd
mark=$volume/identity.json
runtime=$root/run/etcd
programs=${BASH_SOURCE[0]%/*}

IFS=$'\t' read -r cluster member parameters < <(jq -r '[.cluster, .member, .parameters] | @tsv' "$config/identity.json")

# log LEVEL MESSAGE: one JSON object a line, in the form of etcd's own log. The last one is told in the status record.
log() {
  jq -cn --arg level "$1" --arg msg "$2" --arg caller "${0##*/}" \
    '{level: $level, ts: (now | todateiso8601), caller: $caller, msg: $msg}' >&2
  printf '%s\n' "$2" >"$runtime/message"
}

# repeating LEVEL MESSAGE: the same, but not the same message again within a minute.
repeating() {
  local last
  last=$(find "$runtime/message" -newermt '1 minute ago' -exec cat {} + 2>/dev/null) || true
  [[ $last == "$2" ]] || log "$1" "$2"
}

refuse() {
  repeating error "refused: $1"
  exit 3
}

not_yet() {
  repeating warn "waiting: $1"
  exit 1
}

# wait_for PROGRAM ARGUMENTS…: until it succeeds; ends with it if it refuses.
wait_for() {
  local status
  while true; do
    status=0
    "$programs/$1" "${@:2}" || status=$?
    case $status in
      0) return ;;
      3) exit 3 ;;
    esac
    sleep 1
  done
}

# write FILE MODE: standard input into a file, whole or not at all, also through a power cut.
write() {
  local temporary
  mkdir -p "${1%/*}"
  temporary=$(mktemp "$1.XXXXXX")
  cat >"$temporary"
  chmod "$2" "$temporary"
  sync "$temporary"
  mv -f "$temporary" "$1"
  sync "${1%/*}"
}

# desired FILTER: what the kept record of the cluster says, by a jq filter in which $me is this member's name.
desired() { jq -r --arg me "$member" "$1" "$kept/desired.json"; }

declared_here() { [[ $(desired '[.members[] | select(.name == $me)] | length') == 1 ]]; }

# marked FIELD: what the volume says of itself; empty if it says nothing.
marked() { if [[ -f $mark ]]; then jq -r ".$1" "$mark"; fi; }

# mark_volume STATE [GENERATION]: `founding` before the generation's first start, `running` once there is data or it was
# joined. The volume's own id tells a copy of it, made from an EBS snapshot, from itself.
mark_volume() {
  jq -n --arg cluster "$cluster" --arg member "$member" --arg volume "$(jq -r .volume "$kept/member.json")" \
    --arg incarnation "$(desired .incarnation)" --argjson generation "${2:-$(desired .generation)}" --arg state "$1" \
    '{cluster: $cluster, member: $member, volume: $volume, incarnation: $incarnation, generation: $generation, state: $state}' |
    write "$mark" 0644
}

# generation FILTER: what the record of the declared generation says, as it was read last.
generation() { jq -r --arg me "$member" "$1" "$runtime/generation.json"; }

# data_of GENERATION: where etcd's data lies.
data_of() { printf '%s\n' "$volume/generations/$1"; }

has_wal() { compgen -G "$(data_of "$1")/member/wal/*.wal" >/dev/null; }

# flag NAME: the value of one of etcd's fixed flags.
flag() { sed -n "s/^--$1=//p" "$config/flags"; }

# is_founder: whether this member is to found the declared generation, or to restore it: the record names it, and it has
# never started there, or was about to when it stopped.
is_founder() {
  local own
  own=$(marked generation)
  [[ $(generation 'any(.members[]; .name == $me)') == true ]] || return 1
  if [[ $own == "$(generation .generation)" ]]; then
    [[ $(marked state) == founding ]]
  else
    [[ $(generation .started) == false ]]
  fi
}
