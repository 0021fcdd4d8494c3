# What a machine knows of the cluster's generations. Sourced after aws.sh, never run.
# shellcheck shell=bash disable=SC2034,SC2154
source "$programs/decision.sh"

# held FILE: prints the number of the generation that the volume keeps in this file; 0 if there is none.
#   newest  the newest that this member ever heard of, so that it follows one that is withdrawn too late
#   going   the newest for which it stopped: nothing older starts here again
held() {
  local number=''
  [[ ! -f $volume/$1 ]] || read -r number <"$volume/$1" || true
  [[ $number =~ ^[1-9][0-9]{0,2}$ ]] || number=0
  printf '%s\n' "$number"
}

# greatest NUMBER…
greatest() { printf '%s\n' "$@" | sort -n | tail -n 1; }

own_generation() {
  local own
  own=$(marked generation)
  printf '%s\n' "${own:-0}"
}

newest() { greatest "$(held newest)" "$(held going)" "$(desired generation)"; }

# stopped_here: whether this member stopped for a newer generation than the volume is marked with.
stopped_here() { (($(held going) > $(own_generation))); }

path_of() { printf 'incarnations/%s/generations/%s\n' "$(desired incarnation)" "$1"; }

# hear NUMBER MEMBER…: prints what they said in a generation, one line "MEMBER WORD" each.
hear() {
  local path names answer all=''
  path=$(path_of "$1")
  names=("${@:2}")
  names=("${names[@]/#/$path/verified/}" "${names[@]/#/$path/started/}")
  # Parameter Store answers for at most ten at a time.
  while ((${#names[@]} > 0)); do
    answer=$(get_records "${names[@]:0:10}") || return
    all+=$answer
    names=("${names[@]:10}")
  done
  jq -r --arg path "$path/" 'to_entries[] | .value as $word | .key | ltrimstr($path) | split("/")
    | if .[0] == "started" then "\(.[1]) started" elif $word | . == "ready" or . == "stopped" or . == "held up" then "\(.[1]) \($word)" else empty end' <<<"$all"
}

# is_refused: whether the record read last does not follow from the declaration. Then nothing said about its generation
# counts.
is_refused() { [[ -e $runtime/refused ]]; }

# heard MEMBER WORD…: whether this member ('' means any) said one of these words about the generation read last.
heard() {
  local who=$1 word
  ! is_refused || return 1
  for word in "${@:2}"; do
    if [[ -z $who ]]; then grep -q " $word$" "$runtime/said"; else grep -qxF "$who $word" "$runtime/said"; fi && return
  done
  return 1
}

# say WORD: says it in the generation read last. Parameter Store takes few writes a second, so say it only once.
say() {
  ! heard "$member" "$1" || return 0
  put_record "$(path_of "$(generation generation)")/verified/$member" true <<<"$1"
}

yes_if() { if "$@"; then echo yes; else echo no; fi; }

founders() { recorded '.members[].name'; }

# is_founder: whether this member should found or restore the generation: the record names it, and it has not started
# there, or was only about to when it stopped.
is_founder() {
  names_me "$runtime/generation.json" && ! is_refused || return 1
  if [[ $(own_generation) == "$(generation generation)" ]]; then
    [[ $(marked state) == founding ]]
  else
    ! heard "$member" started
  fi
}

# older_records: prints the records of the eight generations before the one read last, by name. Generations that came to
# nothing have used up their numbers.
older_records() {
  local number names=()
  for ((number = $(generation generation) - 1; number > 0 && ${#names[@]} < 8; number--)); do names+=("$(path_of "$number")"); done
  if ((${#names[@]} == 0)); then echo '{}'; else get_records "${names[@]}"; fi
}

# founders_of NUMBER RECORDS: prints the names of a generation's founders.
founders_of() {
  jq -r --arg name "$(path_of "$1")" '.[$name] // "{}" | fromjson | .members[]?.name
    | select(type == "string" and test("^[a-z]([a-z0-9-]*[a-z0-9])?$"))' <<<"$2"
}
