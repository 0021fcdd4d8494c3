# When a backup is owed. Sourced, never run.
# shellcheck shell=bash disable=SC2034,SC2154

# After this many seconds, any member may repeat an attempt that left no backup.
slot_seconds=1800
never=999999

# owed: whether this member should try for a backup. A backup is owed from the start of the period or from an operator's
# request, whichever is later. A manifest from then or later settles it, whoever wrote it. Sets `since`, and `slot`,
# which counts from there.
owed() {
  local interval now asked=0 tried=0 until=0
  interval=$(desired interval)
  [[ -n $interval ]] || return 1
  # If they differ, a restore is under way.
  [[ $(marked generation) == "$(desired generation)" ]] || return 1
  now=$(date +%s)
  since=$((now - now % (interval * 60)))
  asked=$(cat "$runtime/asked" 2>/dev/null) || true
  { holds time "$asked" && asked=$(date -d "$asked" +%s); } || asked=0
  if ((asked > since && asked <= now)); then since=$asked; fi
  slot=$(((now - since) / slot_seconds))
  if [[ -s $runtime/tried ]]; then read -r tried until <"$runtime/tried" || true; fi
  { holds natural "$tried" && holds natural "$until"; } || tried=0 until=0
  ((tried != since || slot > until)) || return 1
  # If this machine's last attempt failed, let the others go first: this machine may be the problem.
  [[ ! -e $runtime/failed ]] || ((now - since - slot * slot_seconds >= 60))
}

# settle SLOT: marks that there is nothing to try until this slot is over.
settle() { printf '%s %s\n' "$since" "$1" >"$runtime/tried"; }
