"""Writes the three files from Parameter Store's answer into a directory, or fails and says why."""

import json
import os
import re
import sys

KINDS = {"ca.crt": "CERTIFICATE", "client.crt": "CERTIFICATE", "client.key": "(?:EC |RSA )?PRIVATE KEY"}

found = {each["Name"].rsplit("/", 1)[-1]: each["Value"] for each in json.load(sys.stdin)["Parameters"]}
for name, kind in KINDS.items():
    block = f"-----BEGIN {kind}-----\n[A-Za-z0-9+/=\n]+-----END {kind}-----\n*"
    if not re.fullmatch(f"(?:{block})+", found.get(name, "")):
        sys.exit(f"{name} is not there, or not PEM")
for name in KINDS:
    with open(os.path.join(sys.argv[1], name), "w", encoding="ascii") as file:
        file.write(found[name])
