# The forms of single values from outside: a record, S3, the instance's metadata, etcd's answers, another user's file.
# No unchecked value reaches arithmetic (which runs commands inside an index), a command line or a path. contract.jq and
# Pulumi's program (spec/forms.ts) repeat the forms that records share; a test keeps them equal. Sourced, never run.
# shellcheck shell=bash disable=SC2034,SC2154

# Letters and digits mean those of ASCII, whatever the machine's locale.
export LC_ALL=C

declare -A forms=(
  [name]='[a-z]([a-z0-9-]*[a-z0-9])?'
  [domain]='([a-z0-9]([a-z0-9-]*[a-z0-9])?[.])+[a-z]+'
  [incarnation]='[0-9A-Za-z][0-9A-Za-z-]*'
  [token]='[0-9A-Za-z][0-9A-Za-z-]*'
  [sha256]='[0-9a-f]{64}'
  [volume]='vol-[0-9a-f]{8,17}'
  [instance]='i-[0-9a-z]+'
  [bucket]='[a-z0-9][a-z0-9.-]+[a-z0-9]'
  [versionId]='[0-9A-Za-z._-]+'
  [etcdVersion]='([0-9]{1,3}[.][0-9]{1,3}[.][0-9]{1,4}(-[0-9A-Za-z.-]+)?)?'
  [time]='20[0-9]{2}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]([.][0-9]{1,3})?Z'
  [directory]='[0-9A-Za-z][0-9A-Za-z._-]*'
  [generation]='[1-9][0-9]{0,2}'
  [natural]='0|[1-9][0-9]{0,15}'
  # A time in a key of the bucket.
  [stamp]='20[0-9]{2}(0[1-9]|1[0-2])(0[1-9]|[12][0-9]|3[01])T([01][0-9]|2[0-3])[0-5][0-9][0-5][0-9]Z'
  [memberUrl]='https?://[a-z0-9]([a-z0-9.-]*[a-z0-9])?:[0-9]{1,5}'
  [initialCluster]='[a-z0-9-]+=https?://[a-z0-9.-]+:[0-9]+(,[a-z0-9-]+=https?://[a-z0-9.-]+:[0-9]+)*'
  [region]='[a-z0-9-]+'
  [role]='[0-9A-Za-z+=,.@_-]+'
  [credential]='[0-9A-Za-z+/=_-]+'
  [uploadId]='[0-9A-Za-z._~=+/-]+'
  [etag]='"[0-9A-Za-z-]+"'
  # Anything without a form of its own: no character that bash, curl or a path would interpret.
  [plain]='[0-9A-Za-z._~:/?#@!&()*+,;=% -]*'
)
declare -A lengths=([name]=63 [domain]=253 [incarnation]=64 [token]=128 [sha256]=64 [volume]=21 [instance]=32 [bucket]=63
  [versionId]=128 [etcdVersion]=32 [time]=24 [directory]=64)
# Maps the names of values in files to their forms.
declare -A form_of=([cluster]=name [member]=name [createdBy]=name [volume]=volume [incarnation]=incarnation
  [generation]=generation [domain]=domain [bucket]=bucket [versionId]=versionId [token]=token [sha256]=sha256
  [amd64]=sha256 [arm64]=sha256 [bundle]=sha256 [version]=etcdVersion [etcdVersion]=etcdVersion [interval]=natural
  [size]=natural [revision]=natural [bump]=natural)

# holds FORM TEXT: whether the text is of the form.
holds() {
  local pattern=${forms[$1]}
  ((${#2} <= ${lengths[$1]:-4096})) && [[ $2 =~ ^($pattern)$ ]]
}

# plain TEXT: prints it as one line of at most 1000 characters that a log, a terminal and a record can show.
plain() {
  local text=${1//[^ -~]/ }
  printf '%s' "${text:0:1000}"
}

# checked KIND: checks a record's text on standard input against its schema. Prints the record, one value per line as
# `value` reads it; or prints what is wrong with it and exits with 1.
checked() { jq -Rsr -L "$programs" "include \"contract\"; checked($1)" 2>/dev/null; }
