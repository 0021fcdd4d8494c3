# How a machine reads and writes its backup bucket. Sourced after aws.sh, never run. Functions that fail return 1 and
# print what S3 said instead, for example "412 PreconditionFailed".
# shellcheck shell=bash disable=SC2154

bucket=$(desired bucket)
nothing=e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855

# s3 BUCKET/KEY SHA256 CURL-ARGUMENTS…: sends one request whose body has this hash; S3 checks it.
s3() {
  local answer code status=0
  # Do not use the bucket's own host name: TLS does not cover names with dots. Give up when nothing moves.
  answer=$(signed s3 "/$1" -w '\n%{http_code}' -H "x-amz-content-sha256: $2" --speed-limit 1024 --speed-time 30 "${@:3}") || status=$?
  code=${answer##*$'\n'}
  ((status == 0)) || code="curl error $status"
  if [[ $code != 2?? ]]; then
    printf '%s\n' "$code $(sed -n 's|.*<Code>\([^<]*\)</Code>.*|\1|p' <<<"$answer")"
    return 1
  fi
  printf '%s\n' "${answer%$'\n'*}"
}

# sha256_of FILE: Python uses the processor's own instructions, and takes a quarter of sha256sum's time on some systems.
sha256_of() { python3 -c 'import hashlib, sys
sum = hashlib.sha256()
while block := sys.stdin.buffer.read(1 << 20): sum.update(block)
print(sum.hexdigest())' <"$1"; }

# put_object KEY FILE SHA256 CURL-ARGUMENTS…: writes an object that does not exist yet; the first one wins.
put_object() {
  local checksum
  # shellcheck disable=SC2001,SC2059
  checksum=$(printf "$(sed 's/../\\x&/g' <<<"$3")" | base64)
  s3 "$bucket/$1" "$3" -T "$2" -H 'If-None-Match: *' -H "x-amz-checksum-sha256: $checksum" "${@:4}"
}

# put_parts KEY FILE BYTES CURL-ARGUMENTS…: does the same in parts of BYTES each, and copies each part beside the file
# for a while. The bucket's lifecycle removes what an aborted upload leaves behind.
put_parts() {
  local answer etag id number=0 part=$2.part parts=''
  answer=$(s3 "$bucket/$1?uploads=" "$nothing" -X POST)
  [[ $answer == *'<UploadId>'* ]] || { echo "$answer" && return 1; }
  id=${answer#*<UploadId>} id=${id%%<*}
  holds uploadId "$id" || { echo "no upload's id" && return 1; }
  while ((number * $3 < $(stat -c %s "$2"))); do
    dd if="$2" of="$part" bs=1M iflag=skip_bytes,count_bytes skip=$((number++ * $3)) count="$3" status=none || return
    s3 "$bucket/$1?partNumber=$number&uploadId=$id" "$(sha256_of "$part")" -T "$part" -D "$part.headers" || return
    etag=$(header etag <"$part.headers")
    holds etag "$etag" || { echo "no part's ETag" && return 1; }
    parts+="<Part><PartNumber>$number</PartNumber><ETag>$etag</ETag></Part>"
  done
  echo "<CompleteMultipartUpload>$parts</CompleteMultipartUpload>" >"$part"
  # S3 may answer 200 first and fail later.
  answer=$(s3 "$bucket/$1?uploadId=$id" "$(sha256_of "$part")" -X POST -T "$part" -H 'If-None-Match: *' "${@:4}")
  [[ $answer == *'<ETag>'* ]] || { echo "$answer" && return 1; }
}

# get_object BUCKET/KEY[?versionId=VERSION] FILE CURL-ARGUMENTS…
get_object() { s3 "$(jq -rn --arg place "${1%\?*}" '$place | split("/") | map(@uri) | join("/")')${1#"${1%\?*}"}" "$nothing" -o "$2" "${@:3}"; }

# header NAME: prints a header from an answer's headers on standard input.
header() { tr -d '\r' | sed -n "s/^$1: //Ip"; }

# version_in FILE: prints the object's version from an answer's headers; nothing if the bucket keeps no versions.
version_in() {
  local id
  id=$(header x-amz-version-id <"$1")
  if holds versionId "$id"; then printf '%s\n' "$id"; fi
}

stamp() { date -u -d "@$1" +%Y%m%dT%H%M%SZ; }

# manifests SINCE: prints times of the manifests written at this time (seconds) or later, newest last. Ignores manifests
# from the future: one from tomorrow would stand in for every backup until then.
manifests() {
  local after answer keys latest
  latest=$(stamp "$(($(date +%s) + 3600))")
  after=$(stamp "$(($1 - 1))").json
  while true; do
    answer=$(s3 "$bucket?list-type=2&prefix=manifests%2F&start-after=manifests%2F$after" "$nothing") || {
      repeating warn "cannot list s3://$bucket/manifests/: $answer"
      return 1
    }
    keys=$(sed -n 's|^<Key>manifests/\([^/<]*\)\.json<.*|\1|p' <<<"${answer//<Key>/$'\n'<Key>}" |
      grep -xE "${forms[stamp]}" | awk -v latest="$latest" '$1 <= latest') || true
    [[ -n $keys ]] || return 0
    printf '%s\n' "$keys"
    [[ $answer == *'<IsTruncated>true'* ]] || return 0
    after=${keys##*$'\n'}.json
  done
}

# backup_of TIME: prints the manifest of this time (stamp) if it stands for a backup: it follows its schema, and its
# snapshot is there. Fails with 2 if S3 does not say.
backup_of() {
  local listed manifest place="s3://$bucket/manifests/$1.json" key=snapshots/$1.db
  manifest=$(s3 "$bucket/manifests/$1.json" "$nothing" --max-filesize 65536) || case $manifest in
    404*) return 1 ;;
    # Larger than --max-filesize.
    "curl error 63"*) repeating warn "$place is passed over: it is too large" && return 1 ;;
    *) repeating warn "waiting: $place: $manifest" && return 2 ;;
  esac
  listed=$(s3 "$bucket?list-type=2&prefix=${key/\//%2F}" "$nothing") || {
    repeating warn "waiting: s3://$bucket/$key to be listed: $listed"
    return 2
  }
  [[ $listed == *"<Key>$key</Key>"* ]] || return 1
  manifest=$(checked manifest <<<"$manifest") || {
    repeating warn "$place is passed over: $manifest"
    return 1
  }
  [[ $(jq -r .snapshot <<<"$manifest") == "$key" ]] || {
    repeating warn "$place is passed over: it is of another snapshot"
    return 1
  }
  printf '%s\n' "$manifest"
}

# newest_backup SINCE: prints the time (stamp) of the newest backup of this time (seconds) or later; nothing if there is
# none. Anybody who may write to the bucket can put manifests there that stand for none: look at the newest few only.
newest_backup() {
  local times time status
  times=$(manifests "$1") || return
  while read -r time; do
    status=0
    backup_of "$time" >/dev/null || status=$?
    case $status in
      0) printf '%s\n' "$time" && return ;;
      2) return 1 ;;
    esac
  done < <(tac <<<"$times" | head -n 20 | grep .)
}
