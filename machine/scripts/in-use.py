"""in-use.py READ DECLARED OWN: prints as JSON what a program trusts that read the CAs of the file READ, what it shows (the
certificate in OWN) and until when, and by which CA that was issued, of those in READ and DECLARED. Certificates are
named by their SHA-256.

Python has no public reader of certificates, so this one reads the few fields of DER (RFC 5280, 4.1) itself.
"""

import hashlib, json, re, ssl, sys

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


trusted, (own, *_) = list(read(sys.argv[1])), list(read(sys.argv[3]))
known = trusted + list(read(sys.argv[2]))
issuer = next((ca["sha256"] for ca in known if own["by"] and ca["key"] == own["by"]), None)
facts = {"trusted": [ca["sha256"] for ca in trusted], "certificate": own["sha256"], "until": own["until"]}
print(json.dumps({**facts, "issuer": issuer} if issuer else facts))
