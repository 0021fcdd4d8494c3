import { tlsRule } from "../tlsRule";

export const tlsClientAuth = tlsRule({
  name: "etcd-tls-client-auth",
  rule: "etcd serves clients over TLS only and demands a certificate from its own CA",
  source:
    "CIS Kubernetes Benchmark 2.1, 2.2, 2.3; Kubernetes: Operating etcd clusters, Limiting access of etcd clusters",
  wanted: {
    set: ["cert-file", "key-file", "trusted-ca-file"],
    yes: ["client-cert-auth"],
    no: ["auto-tls"],
    https: ["listen-client-urls", "advertise-client-urls"],
  },
  mend: "Set --cert-file, --key-file, --trusted-ca-file and --client-cert-auth=true, and https URLs",
});
