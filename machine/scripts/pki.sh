# What etcd trusts and serves. Sourced, never run.
# shellcheck shell=bash disable=SC2154

# What the running etcd read of its trusted CAs. Only root writes there, and only before etcd starts.
loaded=$runtime/loaded

# keep_loaded: keeps the trusted CAs beside etcd, which reads them at its start and never again.
keep_loaded() {
  local file
  for file in peer-ca.crt client-ca.crt; do
    write "$loaded/$file" 0644 <"$config/pki/$file"
  done
}

# forget_loaded: no etcd runs, so none has read any.
forget_loaded() { rm -rf "$loaded"; }

# trusts_as_declared: whether the running etcd trusts the CAs that lie here now, or none runs.
trusts_as_declared() {
  [[ -e $loaded/client-ca.crt ]] || return 0
  cmp -s "$loaded/peer-ca.crt" "$config/pki/peer-ca.crt" && cmp -s "$loaded/client-ca.crt" "$config/pki/client-ca.crt"
}

# pki_facts: prints as JSON what the running etcd trusts and what it serves, by SHA-256, and until when. Fails if no etcd
# runs, or a file is no certificate of this project's. Python has no public reader of certificates, so this one reads
# the few fields of DER (RFC 5280, 4.1) itself.
pki_facts() {
  [[ -e $loaded/client-ca.crt ]] || return
  python3 -c '
import hashlib, json, re, ssl, sys

loaded, served = sys.argv[1:]
key_id, issuer_key_id = b"\x55\x1d\x0e", b"\x55\x1d\x23"

def parts(der):
    while der:
        length, start = der[1], 2
        if length > 127:
            start += length - 128
            length = int.from_bytes(der[2:start], "big")
        yield der[0], der[start:start + length]
        der = der[start + length:]

def time(tag, value):
    text = ("20" if tag == 23 else "") + value.decode()
    return "{}-{}-{}T{}:{}:{}Z".format(text[:4], *re.findall("..", text[4:14]))

def read(file):
    for pem in re.findall("-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----", open(file).read(), re.S):
        der = ssl.PEM_cert_to_DER_cert(pem)
        _, body = next(parts(next(parts(der))[1]))
        fields = [(tag, value) for tag, value in parts(body) if tag != 160]
        extensions = {}
        for _, each in parts(next(parts(fields[-1][1]))[1]):
            name, *_, content = [value for _, value in parts(each)]
            extensions[name] = next(parts(content))[1]
        yield {
            "sha256": hashlib.sha256(der).hexdigest(),
            "until": time(*list(parts(fields[3][1]))[1]),
            "key": extensions.get(key_id),
            "by": next((value for tag, value in parts(extensions.get(issuer_key_id, b"")) if tag == 128), None),
        }

def use(trusted, own):
    cas, leaf = list(read(loaded + "/" + trusted)), next(read(served + "/" + own))
    known = cas + list(read(served + "/" + trusted))
    issuer = next((ca["sha256"] for ca in known if leaf["by"] and ca["key"] == leaf["by"]), None)
    facts = {"trusted": [ca["sha256"] for ca in cas], "certificate": leaf["sha256"], "until": leaf["until"]}
    return {**facts, "issuer": issuer} if issuer else facts

print(json.dumps({"peer": use("peer-ca.crt", "peer.crt"), "client": use("client-ca.crt", "server.crt")}))
' "$loaded" "$config/pki" 2>/dev/null
}
