# What a machine says of itself. Sourced after aws.sh, never run. It needs nothing but curl, because it also has to say
# what the machine's image lacks.
# shellcheck shell=bash disable=SC2034,SC2154

# forget: knows nothing of etcd.
forget() { id="" learner="" voter=false voters=0 ready=false version="" storage="" size="" list="" old_log=false resolved=no; }

# write_status INCARNATION: writes the status record from what is known. No value has a character that JSON would
# escape, except for the message.
write_status() {
  local said=${message//\\/\\\\} directories=''
  [[ -z $old ]] || directories="\"${old//$'\n'/\",\"}\""
  printf '{"version":1,"instance":"%s","member":"%s","id":"%s","voter":%s,"voters":%s,"etcd":"%s","ready":%s,"etcdVersion":"%s","logOf35":%s,"databaseSize":%s,"generation":%s,"oldData":[%s]%s,"message":"%s","time":"%s"}\n' \
    "$instance" "$member" "$id" "$voter" "$voters" "$state" "$ready" "$version" "$old_log" "${size:-0}" "${generation:-0}" \
    "$directories" "${pki:+,\"pki\":$pki}" "${said//\"/\\\"}" "$(date -u +%FT%TZ)" | put_record "incarnations/$1/status/$member" true
}
