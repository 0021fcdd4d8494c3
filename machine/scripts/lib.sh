# Shared by the programs on an etcd machine; sourced, never run.
#
# A program that makes one attempt ends with 0 when it is done, 1 when it is to be tried again, 3 when it refuses.
# Attempts are programs, not functions: bash does not stop at errors in a function whose result is asked for.
# shellcheck shell=bash disable=SC2034,SC2016
set -euo pipefail
shopt -s inherit_errexit
# Snapshots hold every secret of the cluster.
umask 077

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
source "$programs/forms.sh"

# value NAME FILE: the first value of that name in JSON with a value a line, as jq and Pulumi's program write it; nothing
# where there is none, or it is not of its form, which is said. For what is asked all the time and holds nothing escaped: jq 1.6 takes 50 ms to start.
value() {
  local line
  while read -r line; do
    [[ $line == "\"$1\": "* ]] || continue
    line=${line#*: } line=${line%,} line=${line#\"}
    line=${line%\"}
    if holds "${form_of[$1]:-plain}" "$line"; then
      printf '%s\n' "$line"
    else
      repeating warn "${2#"$root"}: $1 \"${line:0:80}\" is no ${form_of[$1]:-plain text}: it counts as not there"
    fi
    return
  done <"$2"
}

cluster=$(value cluster "$config/identity.json")
member=$(value member "$config/identity.json")
parameters=$(value parameters "$config/identity.json")

# log LEVEL MESSAGE: one JSON object a line, in the form of etcd's own log. The last one is told in the status record.
log() {
  local said text
  said=$(plain "$2")
  text=${said//\\/\\\\} text=${text//\"/\\\"}
  TZ=UTC printf '{"level":"%s","ts":"%(%FT%TZ)T","caller":"%s","msg":"%s"}\n' "$1" -1 "${0##*/}" "$text" >&2
  # What etcd's own user runs has no say in the status record.
  if [[ -w $runtime ]]; then printf '%s\n' "$said" >"$runtime/message"; fi
}

# repeating LEVEL MESSAGE: the same, but not the same message again within a minute.
repeating() {
  local last
  last=$(find "$runtime/message" -newermt '1 minute ago' -exec cat {} + 2>/dev/null) || true
  [[ $last == "$(plain "$2")" ]] || log "$1" "$2"
}

refuse() {
  repeating error "refused: $1"
  exit 3
}

not_yet() {
  repeating warn "waiting: $1"
  exit 1
}

# pause MILLISECONDS: sleeps so long, up to a third less or more: what began together on all members does not go on in step.
pause() {
  local time=$(($1 * 2 / 3 + RANDOM % ($1 * 2 / 3 + 1)))
  sleep "$(printf '%d.%03d' $((time / 1000)) $((time % 1000)))"
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
    pause 1000
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

# desired NAME: a value of the kept record of the cluster.
desired() { value "$1" "$kept/desired.json"; }

# declared FILTER: the same, by a jq filter in which $me is this member's name.
declared() { jq -r --arg me "$member" "$1" "$kept/desired.json"; }

names_me() { grep -qF "\"name\": \"$member\"" "$1"; }
declared_here() { names_me "$kept/desired.json"; }

# marked NAME: what the volume says of itself; empty if it says nothing.
marked() { if [[ -f $mark ]]; then value "$1" "$mark"; fi; }

# mark_volume STATE [GENERATION]: `founding` before the generation's first start, `running` once there is data or it was
# joined. The volume's own id tells a copy of it, made from an EBS snapshot, from itself.
mark_volume() {
  write "$mark" 0644 <<END
{
  "cluster": "$cluster",
  "member": "$member",
  "volume": "$(value volume "$kept/member.json")",
  "incarnation": "$(desired incarnation)",
  "generation": ${2:-$(desired generation)},
  "state": "$1"
}
END
}

# generation NAME: a value of the record of the generation that this member goes by, as it was read last.
generation() { if [[ -f $runtime/generation.json ]]; then value "$1" "$runtime/generation.json"; fi; }

# recorded FILTER: the same, by a jq filter in which $me is this member's name.
recorded() { jq -r --arg me "$member" "$1" "$runtime/generation.json"; }

# data_of GENERATION: where etcd's data lies.
data_of() { printf '%s\n' "$volume/generations/$1"; }

has_wal() { compgen -G "$(data_of "$1")/member/wal/*.wal" >/dev/null; }

# flag NAME: the value of one of etcd's fixed flags.
flag() { sed -n "s/^--$1=//p" "$config/flags"; }
