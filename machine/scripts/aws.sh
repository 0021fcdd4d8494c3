# How a machine calls AWS: with curl alone, which signs the requests, so nothing has to be installed first. Sourced,
# never run. Functions fail with 1 if AWS does not answer or refuses.
# shellcheck shell=bash disable=SC2154

# metadata PATH…: prints what the instance metadata service (version 2) says, one line per path.
metadata() {
  local service=${AWS_EC2_METADATA_SERVICE_ENDPOINT:-http://169.254.169.254} token session=$runtime/metadata-token
  token=$(find "$session" -mmin -60 -exec cat {} + 2>/dev/null) || true
  if ! holds credential "$token"; then
    token=$(curl -sSf -m 5 -X PUT -H 'x-aws-ec2-metadata-token-ttl-seconds: 7200' "$service/latest/api/token") || return
    holds credential "$token" || return
    printf '%s\n' "$token" >"$session"
  fi
  curl -sSf -m 5 -w '\n' --config - "${@/#/$service/latest/meta-data/}" <<<"header = \"x-aws-ec2-metadata-token: $token\"" || {
    rm -f "$session"
    return 1
  }
}

# text NAME: prints a text from the JSON in $answer, which contains no escapes.
text() { [[ $answer =~ \"$1\"[[:space:]]*:[[:space:]]*\"([^\"]+) ]] && printf '%s\n' "${BASH_REMATCH[1]}"; }

# signed SERVICE PATH CURL-ARGUMENTS…: calls an AWS service with the machine's role.
signed() {
  local facts region domain role answer key secret token endpoint=AWS_ENDPOINT_URL_${1^^}
  # Keep the facts, which stay the same for the machine's life. Read them again if they led nowhere.
  facts=$(cat "$runtime/facts" 2>/dev/null) || facts=$(metadata placement/region services/domain iam/security-credentials/) || return
  { { read -r region && read -r domain && read -r role; } <<<"$facts" &&
    holds region "$region" && holds domain "$domain" && holds role "$role" &&
    answer=$(metadata "iam/security-credentials/$role") && key=$(text AccessKeyId) && secret=$(text SecretAccessKey) && token=$(text Token) &&
    holds credential "$key" && holds credential "$secret" && holds credential "$token"; } || {
    rm -f "$runtime/facts"
    return 1
  }
  [[ -e $runtime/facts ]] || printf '%s\n' "$facts" >"$runtime/facts"
  # Secrets go over standard input: every process can read a command line.
  curl -sS --connect-timeout 3 --config - --aws-sigv4 "aws:amz:$region:$1" "${@:3}" \
    "${!endpoint:-${AWS_ENDPOINT_URL:-https://$1.$region.$domain}}$2" <<END
user = "$key:$secret"
header = "x-amz-security-token: $token"
END
}

# ssm ACTION BODY: calls Parameter Store and prints the answer, even if it is a refusal. The whole account shares the
# rate: repeat a throttled call, each time after a longer wait.
ssm() {
  local answer wait
  for wait in 500 1000 2000 4000 0; do
    answer=$(signed ssm / -m 15 -w '%{http_code}' \
      -H 'content-type: application/x-amz-json-1.1' -H "x-amz-target: AmazonSSM.$1" --data-binary "$2") || return
    [[ ${answer: -3} == 400 && $answer =~ ThrottlingException|TooManyUpdates && $wait != 0 ]] || break
    pause "$wait"
  done
  printf '%s\n' "${answer%???}"
  [[ ${answer: -3} == 200 ]]
}

# put_metrics [NAME UNIT VALUE]…: writes figures of the cluster to CloudWatch; each is the worst of what its members
# report.
put_metrics() {
  local body='Action=PutMetricData&Version=2010-08-01&Namespace=etcd' n=0 answer
  while (($#)); do
    ((++n))
    body+="&MetricData.member.$n.MetricName=$1&MetricData.member.$n.Unit=$2&MetricData.member.$n.Value=$3"
    body+="&MetricData.member.$n.Dimensions.member.1.Name=Cluster&MetricData.member.$n.Dimensions.member.1.Value=$cluster"
    shift 3
  done
  answer=$(signed monitoring / -m 15 -w '%{http_code}' -d "$body") || true
  [[ ${answer: -3} == 200 ]] || repeating warn "cannot write metrics: ${answer:-no answer from AWS}"
}

# get_records NAME…: prints the parameters that exist, as one object keyed by name below the cluster's path.
get_records() {
  local body answer
  body=$(printf ',"%s"' "${@/#/$parameters/}")
  answer=$(ssm GetParameters "{\"Names\":[${body#,}]}") || {
    repeating warn "cannot read $parameters/$1: ${answer:-no answer from AWS}"
    return 1
  }
  jq -c --arg path "$parameters/" '.Parameters | map({(.Name | ltrimstr($path)): .Value}) | add // {}' <<<"$answer"
}

# put_record NAME OVERWRITE: writes a line from standard input into a parameter. Without overwriting, the first one
# wins, and losing to it counts as success.
put_record() {
  local value answer
  value=$(sed 's/[\\"]/\\&/g')
  # A // means that a value the name is made of was empty.
  [[ $1 != *//* ]] || {
    repeating warn "cannot write $parameters/$1: a part of its name is not known"
    return 1
  }
  answer=$(ssm PutParameter "{\"Name\":\"$parameters/$1\",\"Value\":\"$value\",\"Type\":\"String\",\"Overwrite\":$2}") || {
    [[ $2 == false && $answer == *ParameterAlreadyExists* ]] && return
    repeating warn "cannot write $parameters/$1: ${answer:-no answer from AWS}"
    return 1
  }
}
