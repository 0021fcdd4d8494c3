import { tlsRule } from "../tlsRule";

export const tlsPeerAuth = tlsRule({
  name: "etcd-tls-peer-auth",
  rule: "Members reach each other over TLS only and demand a certificate from their own CA",
  source:
    "CIS Kubernetes Benchmark 2.4, 2.5, 2.6; Kubernetes: Operating etcd clusters, Securing communication",
  wanted: {
    set: ["peer-cert-file", "peer-key-file", "peer-trusted-ca-file"],
    yes: ["peer-client-cert-auth"],
    no: ["peer-auto-tls"],
    https: ["listen-peer-urls", "initial-advertise-peer-urls"],
  },
  mend: "Set --peer-cert-file, --peer-key-file, --peer-trusted-ca-file and --peer-client-cert-auth=true, and https URLs",
});
