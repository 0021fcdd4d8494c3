# What a member of a cluster does, decided from facts: nothing here reads, writes or waits. Each function takes facts as
# NAME=VALUE (yes or no unless stated otherwise) and prints one word. The model in test/machine/model explores these
# very functions. It leaves out each line that ends in `# rule` once; its test lists the lines that it does not miss.
# Sourced, never run.
#
# A newer generation begins in four steps. Each is a word that a member leaves in Parameter Store; it takes back only
# the first two. It says `held up` and `ready` while the old generation runs. After `stopped` it starts nothing older.
# `started` means that the generation has begun, on every member, whether that member has heard of it or not.
# shellcheck shell=bash disable=SC2154

is() { [[ ${!1} == "${2:-yes}" ]]; }

# goes_by: whether a member goes by this generation. Ask in this order, and take the first yes: the one it stopped for,
# the newest it ever heard of, the declared one.
#   last     no generation comes after this one
#   began    some member started in it
#   stopped  some member stopped for it
#   newest   no newer one is known
goes_by() {
  local "$@"
  if is last; then echo yes && return; fi
  # It stopped for this one, and this one runs: prepare a newer one from there.
  if is began; then echo yes && return; fi # rule
  # It was withdrawn too late: the others cannot go back.
  if is stopped && is newest; then echo yes && return; fi # rule
  echo no
}

# how_to_start: before etcd starts. Prints start (with its data), found (from a restore, or new), join, end, or ask (the
# records).
#   data      it has data, of the generation that the volume is marked with
#   stopped   this member stopped for a newer generation than that
#   newer     the generation to go by is newer than that
#   reached   its records were read just now
#   began     some member started in it
#   founder   its record names this member, which has not started in it yet
#   declared  this member is declared
how_to_start() {
  local "$@"
  if is data && is stopped no && is newer no; then echo start && return; fi
  # Until some member has begun, every restarting member must serve. One that cannot know serves too: no quorum is left
  # there.
  if is data && is stopped no && is began no; then echo start && return; fi # rule
  if is reached no; then echo ask && return; fi                             # rule
  if is founder; then echo found && return; fi                              # rule
  if is declared; then echo join && return; fi
  echo end
}

# how_to_go_on: while a newer generation is in sight. Prints go (etcd stops now, and starts nothing older), prepare,
# hold (say why it must not begin), ready (say so), or stay.
#   began, stopped, founder  as above, but stopped means any member
#   declared                 the generation is still declared
#   prepared                 its snapshot is restored here
#   clients                  API servers are connected, and hold it up
#   others                   all other founders are ready
how_to_go_on() {
  local "$@"
  # Nobody can hold it up any more.
  if is began; then echo go && return; fi            # rule
  if is stopped; then echo go && return; fi          # rule
  if is declared no; then echo stay && return; fi    # rule
  if is founder no; then echo stay && return; fi     # rule
  if is prepared no; then echo prepare && return; fi # rule
  if is clients; then echo hold && return; fi        # rule
  if is others; then echo go && return; fi           # rule
  echo ready
}

# may_begin: whether a founder that stopped may start in the new generation. Prints yes or no.
#   began    some member started in it
#   between  members stopped for a generation between this one and the member's own
#   voters   how many voters the old generation had when this member stopped; 0 if it could not be asked
#   gone     how many of them have stopped
#   founders all founders have stopped
#   silent   every other member that might still run an older generation has been silent for long
may_begin() {
  local "$@"
  if is began; then echo yes && return; fi # rule
  # The old generation has lost its quorum for good, even if a member is added or removed in the meantime.
  if is between no && ((voters > 0 && gone > voters / 2)); then echo yes && return; fi # rule
  if is founders && is silent; then echo yes && return; fi                             # rule
  echo no
}

# may_join: whether an empty disk may join the cluster that answers. Prints yes or no.
#   began, stopped  as above: after `stopped` it could be the old cluster, whose members are counted
may_join() {
  local "$@"
  if is began; then echo yes && return; fi
  if is stopped; then echo no && return; fi # rule
  echo yes
}

# may_start_over: whether a member's data may be put aside, so that it joins afresh. Prints yes or no.
#   listed    the cluster lists it, according to a quorum
#   resolved  every address in that list is known, and this member's too
#   ready     its etcd is ready: then the list is wrong
#   declared  it is declared
#   often     seen too often to be a coincidence
may_start_over() {
  local "$@"
  if is listed; then echo no && return; fi      # rule
  if is resolved no; then echo no && return; fi # rule
  if is ready; then echo no && return; fi       # rule
  if is declared no; then echo no && return; fi # rule
  if is often no; then echo no && return; fi    # rule
  echo yes
}
