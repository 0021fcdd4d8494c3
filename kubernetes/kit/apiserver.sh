# This machine's kube-apiserver: whether it trusts the CAs that are there, its restart, and the report. Sourced, never run.
# shellcheck shell=bash disable=SC2154

# The time since the kernel started, in the kernel's ticks, a hundred a second.
ticks() {
  local up
  read -r up _ <"$root/proc/uptime"
  echo $((10#${up/./}))
}

# running: prints the process of kube-apiserver, and the tick at which it started.
running() {
  local directory line
  for directory in "$root"/proc/[0-9]*; do
    [[ $(cat "$directory/comm" 2>/dev/null) == kube-apiserver ]] || continue
    line=$(cat "$directory/stat" 2>/dev/null) || continue
    # The name, in brackets, may hold spaces. The start is the 22nd field, the 20th after the name.
    read -ra line <<<"${line##*) }"
    echo "${directory##*/} ${line[19]}"
    return
  done
}

# argument PROCESS FLAG DEFAULT: prints the value of one of its flags.
argument() {
  local value
  value=$(tr '\0' '\n' <"$root/proc/$1/cmdline" | sed -n "s/^--$2=//p" | tail -n 1) || true
  printf '%s\n' "${value:-$3}"
}

# answers PROCESS: whether it serves. Who may not ask for /readyz learns that, too.
answers() {
  local address port code
  address=$(argument "$1" bind-address 0.0.0.0) port=$(argument "$1" secure-port 6443)
  [[ $address != 0.0.0.0 && $address != :: ]] || address=127.0.0.1
  code=$(curl -sk -m 5 -o /dev/null -w '%{http_code}' "https://$address:$port/readyz") || return
  [[ $code == 200 || $code == 401 || $code == 403 ]]
}

# due: whether kube-apiserver started before the CAs that are there.
due() {
  local since process start
  since=$(cat "$runtime/ca.since" 2>/dev/null) && holds natural "$since" || return
  read -r process start <<<"$(running)"
  [[ -n $process ]] && ((start < since))
}

restart_where_due() {
  local process start before until
  due || return 0
  lock "$(cat "$root/etc/hostname")" || {
    log "waiting: another machine's kube-apiserver to come back with the new CAs, or etcd to give the lock"
    return 1
  }
  # Its own restart may have come first.
  due || { unlock && return 0; }
  read -r before start <<<"$(running)"
  log "kube-apiserver is restarted for the new CAs"
  # kubelet starts a static pod's container again.
  if systemctl is-active --quiet kube-apiserver.service; then systemctl restart kube-apiserver.service; else kill "$before"; fi
  until=$((SECONDS + 300))
  while ((SECONDS < until)); do
    read -r process start <<<"$(running)" || true
    if [[ -n $process && $process != "$before" ]] && answers "$process"; then
      unlock || true
      log "kube-apiserver runs with the new CAs"
      return 0
    fi
    pause 1000
  done
  log "kube-apiserver did not come back within 300 s: no other machine restarts its own before the lock ends"
  return 1
}

# report: writes what kube-apiserver runs with into Parameter Store, so that nobody drops a CA that it still needs.
report() {
  local trusted=$pki/etcd-client/ca.crt instance text used
  if due; then trusted=$runtime/ca.before; fi
  instance=$(metadata instance-id) || instance=""
  if ! holds instance "$instance"; then
    log "waiting: the instance's id"
    return
  fi
  used=$(python3 "$programs/in-use.py" "$trusted" "$pki/etcd-client/ca.crt" "$pki/etcd-client/client.crt") || {
    log "waiting: a certificate that can be read"
    return
  }
  text=$(plain "$message")
  text=$(printf '{"version":1,"instance":"%s","running":%s,"pki":%s,"message":"%s","time":"%s"}' "$instance" \
    "$([[ -n $(running) ]] && echo true || echo false)" "$used" "${text//[\"\\]/}" "$(date -u +%FT%TZ)")
  ssm PutParameter "{\"Name\":\"$parameters/api-servers/$instance\",\"Value\":\"${text//\"/\\\"}\",\"Type\":\"String\",\"Overwrite\":true}" >/dev/null ||
    log "waiting: AWS to take the report"
}
