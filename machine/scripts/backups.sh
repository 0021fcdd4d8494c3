# When a backup is owed. Sourced, never run.
# shellcheck shell=bash disable=SC2034,SC2154

# Seconds after which an attempt that left no backup is anyone's to repeat.
slot_seconds=1800
never=999999

# owed: whether this member is to try for a backup. It is owed since the period began or an operator asked, whichever is
# later: a manifest of then or later settles it, whoever wrote it. Sets `since` and, counted from there, the slot.
owed() {
  local interval now asked=0 tried=0 until=0
  interval=$(desired interval)
  [[ -n $interval ]] || return 1
  # Otherwise a restore is under way.
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
  # Where the last one failed, the others come first: this machine may be what is wrong.
  [[ ! -e $runtime/failed ]] || ((now - since - slot * slot_seconds >= 60))
}

# settle SLOT: until this slot is over, there is nothing to try.
settle() { printf '%s %s\n' "$since" "$1" >"$runtime/tried"; }
