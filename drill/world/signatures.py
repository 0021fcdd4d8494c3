"""Holds calls to the signatures that botocore, AWS' own signer, makes for them.

Reads calls as JSON from standard input, and prints a line for each whose signature is another one.
"""

import base64
import json
import re
import sys
from urllib.parse import quote, unquote, urlsplit

from botocore.auth import S3SigV4Auth, SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

AUTHORIZATION = re.compile(
    r"AWS4-HMAC-SHA256 Credential=([^/]+)/\d+/([^/]+)/([^/]+)/aws4_request, ?"
    r"SignedHeaders=([^,]+), ?Signature=([0-9a-f]{64})"
)

for call in json.load(sys.stdin):
    headers = call["headers"]
    key, region, service, names, given = AUTHORIZATION.fullmatch(headers["authorization"]).groups()
    signed = {name: headers[name] for name in names.split(";")}
    request = AWSRequest(
        call["method"],
        f"http://{headers['host']}{call['url']}",
        headers=signed,
        data=base64.b64decode(call["body"]),
    )
    request.context["timestamp"] = headers["x-amz-date"]
    signer = S3SigV4Auth if service == "s3" else SigV4Auth
    auth = signer(Credentials(key, call["secret"]), service, region)
    canonical = auth.canonical_request(request)
    if auth.signature(auth.string_to_sign(request, canonical), request) != given:
        print(f"{call['method']} {call['url']} of {service}: botocore signs\n{canonical}")
    # S3 encodes the path again, by its own rule
    # (https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html).
    path = urlsplit(call["url"]).path
    if service == "s3" and path != quote(unquote(path), safe="/-_.~"):
        print(f"{call['method']} {call['url']} of {service}: the path is not encoded as S3 does it")
    if "x-amz-security-token" not in signed:
        print(f"{call['method']} {call['url']} of {service}: the session's token is not signed")
