# What a member of a cluster does, decided from facts: nothing here reads, writes or waits. Each function takes facts as
# NAME=VALUE, yes or no where nothing else is said, and prints one word. The model in test/machine/model explores these very
# functions, and leaves out each line that ends in `# rule` once; its test lists those that it does not miss. Sourced, never run.
#
# A newer generation begins in four steps, each a word that a member leaves in Parameter Store and never takes back but the
# first two: `held up` and `ready` while the old one runs; `stopped`, from which on it starts nothing older; `started`, with
# which the generation has begun, on every member, whether it has heard of it or not.
# shellcheck shell=bash disable=SC2154

is() { [[ ${!1} == "${2:-yes}" ]]; }

# goes_by: whether a member goes by this generation, the first for which it is so of: the one it stopped for, the newest it
# was ever told of, the declared one.
#   last     there is none after this
#   began    some member started in it
#   stopped  some member stopped for it
#   newest   no newer one is known
goes_by() {
  local "$@"
  if is last; then echo yes && return; fi
  # It stopped for this one, and it runs: a newer one is prepared from there.
  if is began; then echo yes && return; fi # rule
  # Withdrawn too late: the others cannot go back.
  if is stopped && is newest; then echo yes && return; fi # rule
  echo no
}

# how_to_start: before etcd starts. Prints start (the data there is), found (restored, or new), join, end, or ask (the records).
#   data      there is some, of the generation that the volume is marked with
#   stopped   this member stopped for a newer one than that
#   newer     the generation to go by is newer than that
#   reached   what is known of it was read just now
#   began     some member started in it
#   founder   its record names this member, which has not started in it yet
#   declared  this member is
how_to_start() {
  local "$@"
  if is data && is stopped no && is newer no; then echo start && return; fi
  # Until some member has begun, whatever restarts must serve. And who cannot know does so, too: no quorum is left there.
  if is data && is stopped no && is began no; then echo start && return; fi # rule
  if is reached no; then echo ask && return; fi                             # rule
  if is founder; then echo found && return; fi                              # rule
  if is declared; then echo join && return; fi
  echo end
}

# how_to_go_on: with a newer generation in sight. Prints go (etcd stops now, and starts nothing older), prepare, hold (say why
# it must not begin), ready (say so), or stay.
#   began, stopped, founder  as above; stopped: any member
#   declared                 the generation still is
#   prepared                 its snapshot is restored here
#   clients                  API servers are connected, and hold it up
#   others                   all other founders are ready
how_to_go_on() {
  local "$@"
  # Nobody holds it up any more.
  if is began; then echo go && return; fi            # rule
  if is stopped; then echo go && return; fi          # rule
  if is declared no; then echo stay && return; fi    # rule
  if is founder no; then echo stay && return; fi     # rule
  if is prepared no; then echo prepare && return; fi # rule
  if is clients; then echo hold && return; fi        # rule
  if is others; then echo go && return; fi           # rule
  echo ready
}

# may_begin: whether a founder that stopped may start in the new generation: yes or no.
#   began    some member started in it
#   between  a generation between this one and the member's own has been stopped for
#   voters   how many the old generation had when this member stopped, 0 if it could not be asked
#   gone     how many of them have stopped
#   founders all have stopped
#   silent   whoever else might still run an older generation has been silent for long
may_begin() {
  local "$@"
  if is began; then echo yes && return; fi # rule
  # The old generation has no quorum any more, and never again: one that is added or removed meanwhile makes no difference.
  if is between no && ((voters > 0 && gone > voters / 2)); then echo yes && return; fi # rule
  if is founders && is silent; then echo yes && return; fi                             # rule
  echo no
}

# may_join: whether an empty disk may join the cluster that answers: yes or no.
#   began, stopped  as above: after `stopped` it could be the old one, whose members are counted
may_join() {
  local "$@"
  if is began; then echo yes && return; fi
  if is stopped; then echo no && return; fi # rule
  echo yes
}

# may_start_over: whether a member's data may be put aside, so that it joins afresh: yes or no.
#   listed    the cluster lists it, by what a quorum answers
#   resolved  every address in that list is known, and this member's
#   ready     its etcd is: then the list is wrong
#   declared  it is
#   often     seen so often that it is no coincidence
may_start_over() {
  local "$@"
  if is listed; then echo no && return; fi      # rule
  if is resolved no; then echo no && return; fi # rule
  if is ready; then echo no && return; fi       # rule
  if is declared no; then echo no && return; fi # rule
  if is often no; then echo no && return; fi    # rule
  echo yes
}
