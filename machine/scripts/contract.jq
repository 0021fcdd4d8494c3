# What a record must contain before this machine goes by it, whoever wrote it. One filter per record yields the record's
# known fields, or an error that names the field, its value and the rule. Pulumi's program has the same forms and
# records (spec/forms.ts, contract/schemas.ts); a test keeps the two sides equal.

def shown: tojson | .[:80] | gsub("[^ -~]"; "?");
def broken($rule): error({at: "", rule: "\(shown) \($rule)"});
def must($rule; f): if f then . else broken("must be \($rule)") end;
# Runs f on a field, and puts the field's name in front of an error. The array is there because jq before 1.7 lets try
# also catch errors from what follows it.
def below($place; f): [try f catch error({at: ($place + .at), rule})][0];

def form($pattern; $longest; $what):
  must("\($what), \($longest) characters at most"; type == "string" and length <= $longest and test("\\A(?:\($pattern))\\z"));
def whole($least; $most):
  must("a whole number from \($least) to \($most)"; type == "number" and . == floor and . >= $least and . <= $most) | floor + 0;

def name: form("[a-z]([a-z0-9-]*[a-z0-9])?"; 63; "a DNS label such as member1");
def domain: form("([a-z0-9]([a-z0-9-]*[a-z0-9])?[.])+[a-z]+"; 253; "a DNS name such as member1.prod.etcd.internal");
def address:
  form("((25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])[.]){3}(25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])"; 15; "an IPv4 address");
def incarnation: form("[0-9A-Za-z][0-9A-Za-z-]*"; 64; "a KMS key's id");
def token: form("[0-9A-Za-z][0-9A-Za-z-]*"; 128; "a token of letters, digits and -");
def peerUrl: form("https://[a-z0-9]([a-z0-9.-]*[a-z0-9])?:2380"; 266; "a peer URL such as https://10.0.1.11:2380");
def sha256: form("[0-9a-f]{64}"; 64; "a SHA-256 in lower-case hex");
def volume: form("vol-[0-9a-f]{8,17}"; 21; "a volume's id such as vol-0123456789abcdef0");
def bucket: form("[a-z0-9][a-z0-9.-]+[a-z0-9]"; 63; "a bucket's name");
def objectKey:
  form("[A-Za-z0-9_=+@:,&~ -][A-Za-z0-9_=+@:,&~ .-]*(/[A-Za-z0-9_=+@:,&~ -][A-Za-z0-9_=+@:,&~ .-]*)*"; 1024;
    "an object's key of letters, digits, spaces and _=+@:,&~.-, with single /, no part beginning with .");
def versionId: form("[0-9A-Za-z._-]+"; 128; "an object version's id");
def snapshotKey: form("snapshots/[0-9A-Za-z][0-9A-Za-z._-]*[.]db"; 128; "a key such as snapshots/20261124T220000Z.db");
def etcdVersion: form("([0-9]{1,3}[.][0-9]{1,3}[.][0-9]{1,4}(-[0-9A-Za-z.-]+)?)?"; 32; "a version of etcd such as 3.6.16");
def time:
  form("20[0-9]{2}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]([.][0-9]{1,3})?Z"; 24;
    "a time such as 2026-11-24T22:00:00Z");

def is(f): [try (f | true) catch false][0];
def generationNumber: whole(1; 999);
# Above 2^53 - 1, jq cannot tell numbers apart.
def natural: whole(0; 9007199254740991);

def snapshotPlace:
  must("latest or s3://BUCKET/KEY";
    . == "latest" or (type == "string" and startswith("s3://")
      and (.[5:] | split("/") | is(.[0] | bucket) and is(.[1:] | join("/") | objectKey))));

def oneOf($values): must("one of \($values | join(", "))"; . as $value | any($values[]; . == $value));

def object: must("of type object"; type == "object");
# A field of the object, as an object with only that field.
def field($name; f):
  if has($name) then {($name): (.[$name] | below(".\($name)"; f))} else error({at: ".\($name)", rule: "is missing"}) end;
def optional($name; f): if .[$name] == null then {} else field($name; f) end;
# An object with no fields besides these.
def only($names): (keys - $names) as $others
  | if $others == [] then . else error({at: ".\($others[0] | shown | .[1:-1])", rule: "is nothing that stands there"}) end;
def version:
  (if has("version") then field("version"; must("1, the only one that is known here"; . == 1)) else {} end) | {version: 1};
def list(f):
  must("a list of 1 to 99"; type == "array" and length >= 1 and length <= 99)
  | [range(length) as $at | .[$at] | below("[\($at)]"; f)];

def desired:
  object | version + field("incarnation"; incarnation) + field("generation"; generationNumber)
    + field("discovery"; oneOf(["static", "dns"])) + field("domain"; domain)
    + field("members"; list(object
      | field("name"; name) + field("address"; address) + field("dnsName"; domain) + optional("replaces"; name)))
    + field("admission"; object
      | field("fsyncP99"; must("a number from 1 to 1000"; type == "number" and . >= 1 and . <= 1000))
        + field("slowDisk"; oneOf(["refuse", "warn"])))
    + optional("backups"; object | field("interval"; whole(5; 1440)) + field("bucket"; bucket))
    + optional("restore"; object
      | field("snapshot"; snapshotPlace) + field("generation"; generationNumber)
        + field("connectedClients"; oneOf(["refuse", "ignore"])))
    + optional("defragmentedBy"; oneOf(["kubernetes"]));

def member: object | version + field("volume"; volume) + field("address"; address) + field("dnsName"; domain);

def founding:
  object | version + field("token"; token) + field("members"; list(object | field("name"; name) + field("url"; peerUrl)))
    + optional("snapshot"; snapshotPlace) + optional("sha256"; sha256) + optional("versionId"; versionId);

def generation:
  object | only(["version", "token", "members", "createdBy", "restore"])
    | version + field("token"; token)
    + field("members"; list(object | only(["name", "url"]) | field("name"; name) + field("url"; peerUrl)))
    + field("createdBy"; name)
    + optional("restore"; object
      | only(["bucket", "key", "versionId", "sha256", "size", "revision", "etcdVersion", "bump"])
      | field("bucket"; bucket) + field("key"; objectKey) + optional("versionId"; versionId) + field("sha256"; sha256)
        + field("size"; natural) + field("revision"; natural) + field("etcdVersion"; etcdVersion)
        + field("bump"; whole(1; 1000000000000)));

# Every restore raises the revision by this much, so that watchers of an old revision notice (etcd's disaster recovery
# guide).
def bump: 1000000000;

def manifest:
  object | version + field("snapshot"; snapshotKey) + optional("versionId"; versionId) + field("sha256"; sha256)
    + field("size"; natural) + field("cluster"; name) + field("incarnation"; incarnation)
    + field("generation"; generationNumber) + field("etcdVersion"; etcdVersion) + field("hash"; whole(0; 4294967295))
    + field("revision"; natural) + field("totalKeys"; natural) + field("totalSize"; natural)
    + field("seconds"; whole(0; 1000000)) + field("member"; name) + field("time"; time);

# How a generation's record differs from its declaration; empty if it follows from it.
def differences($founding; $bucket):
  def differs($what; $here; $declared): "\($what) \($here | shown), declared \($declared | shown)";
  def place: if . == null then null else "s3://\(.bucket)/\(.key)" end;
  def list: map("\(.name) \(.url)") | join(", ");
  [ (select(.token != $founding.token) | differs("token"; .token; $founding.token)),
    (select(.members != $founding.members)
      | differs("founders"; .members - $founding.members | list; $founding.members - .members | list)),
    (.restore | (. // {}) as $restore
      | if $founding.snapshot == "latest" and . != null and .bucket == $bucket and (.key | is(snapshotKey)) then empty
        else select(place != $founding.snapshot) | differs("snapshot"; place; $founding.snapshot) end,
        ("sha256", "versionId" | select($founding[.] != null and $founding[.] != $restore[.])
          | differs(.; $restore[.]; $founding[.])),
        (select(. != null and .bump != bump) | differs("bump"; .bump; bump)))
  ] | join("; ");

# Takes a record's text. Yields the record, or says what is wrong with it and exits with 1.
def checked(f):
  . as $text
  | try (fromjson | f) catch (
      if type == "object" then "\(.at | ltrimstr(".")) \(.rule)" | ltrimstr(" ") else "\($text | shown) is no JSON" end
      | ., ("" | halt_error(1)));
