# Shared by the programs on an etcd machine; sourced, never run.
#
# A program that makes one attempt exits with 0 when it is done, 1 to be tried again, 3 when it refuses.
# Attempts are programs, not functions: bash does not stop at errors in a function whose result is tested.
# shellcheck shell=bash disable=SC2034,SC2016
set -euo pipefail
shopt -s inherit_errexit
# Snapshots hold every secret of the cluster.
umask 077

# Tests set another root directory; on a real machine this is empty.
root=${ETCD_MACHINE_ROOT:-}
config=$root/etc/etcd
# On the root disk: what lets the machine boot while AWS is unreachable.
kept=$root/var/lib/etcd-machine
# The data volume, and the identity it claims.
volume=$root/var/lib/etcd
mark=$volume/identity.json
runtime=$root/run/etcd
programs=${BASH_SOURCE[0]%/*}
source "$programs/forms.sh"

# value NAME FILE: prints the first value of that name in JSON with one value per line, as jq and Pulumi's program write
# it. Prints nothing if there is none, or if it breaks its form, which it logs. Use it for frequent reads of values
# without escapes: jq 1.6 takes 50 ms to start.
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

# log LEVEL MESSAGE: writes one JSON object per line, in the form of etcd's own log. The status record carries the last
# one.
log() {
  local said text
  said=$(plain "$2")
  text=${said//\\/\\\\} text=${text//\"/\\\"}
  TZ=UTC printf '{"level":"%s","ts":"%(%FT%TZ)T","caller":"%s","msg":"%s"}\n' "$1" -1 "${0##*/}" "$text" >&2
  # Programs that run as etcd's own user have no say in the status record.
  if [[ -w $runtime ]]; then printf '%s\n' "$said" >"$runtime/message"; fi
}

# repeating LEVEL MESSAGE: logs the same way, but does not repeat a message within a minute.
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

# pause MILLISECONDS: sleeps that long, up to a third less or more, so that members that began together do not stay in
# step.
pause() {
  local time=$(($1 * 2 / 3 + RANDOM % ($1 * 2 / 3 + 1)))
  sleep "$(printf '%d.%03d' $((time / 1000)) $((time % 1000)))"
}

# wait_for PROGRAM ARGUMENTS…: repeats it until it succeeds; exits with 3 if it refuses.
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

# write FILE MODE: writes standard input into a file, whole or not at all, even through a power cut.
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

# desired NAME: prints a value of the cluster's kept record.
desired() { value "$1" "$kept/desired.json"; }

# declared FILTER: queries the same record with a jq filter in which $me is this member's name.
declared() { jq -r --arg me "$member" "$1" "$kept/desired.json"; }

names_me() { grep -qF "\"name\": \"$member\"" "$1"; }
declared_here() { names_me "$kept/desired.json"; }

# marked NAME: prints what the volume claims about itself; nothing if it claims nothing.
marked() { if [[ -f $mark ]]; then value "$1" "$mark"; fi; }

# mark_volume STATE [GENERATION]: writes `founding` before the generation's first start, `running` once the member has
# data or has joined. The volume's own id distinguishes it from a copy made from an EBS snapshot.
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

# generation NAME: prints a value from the last record read of the generation that this member goes by.
generation() { if [[ -f $runtime/generation.json ]]; then value "$1" "$runtime/generation.json"; fi; }

# recorded FILTER: queries the same record with a jq filter in which $me is this member's name.
recorded() { jq -r --arg me "$member" "$1" "$runtime/generation.json"; }

# data_of GENERATION: prints the path of etcd's data.
data_of() { printf '%s\n' "$volume/generations/$1"; }

has_wal() { compgen -G "$(data_of "$1")/member/wal/*.wal" >/dev/null; }

# flag NAME: prints the value of one of etcd's fixed flags.
flag() { sed -n "s/^--$1=//p" "$config/flags"; }
