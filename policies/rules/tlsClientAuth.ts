import { z } from "zod";
import { flagProblems, memberFlags } from "../estate/etcdFlags";
import { rule } from "../rule";

export const tlsClientAuth = rule({
  name: "etcd-tls-client-auth",
  rule: "etcd serves clients by TLS alone and demands a certificate of its own CA",
  source:
    "CIS Kubernetes Benchmark 2.1, 2.2, 2.3; Kubernetes: Operating etcd clusters, Limiting access of etcd clusters",
  level: "mandatory",
  settings: z.strictObject({}),
  *check({ clusters }) {
    const { seen, unseen } = memberFlags(clusters);
    yield* unseen;
    for (const { resource, flags } of seen) {
      const problems = flagProblems(flags, {
        set: ["cert-file", "key-file", "trusted-ca-file"],
        yes: ["client-cert-auth"],
        no: ["auto-tls"],
        https: ["listen-client-urls", "advertise-client-urls"],
      });
      for (const problem of problems)
        yield {
          resource,
          problem,
          mend: "Set --cert-file, --key-file, --trusted-ca-file and --client-cert-auth=true, and https URLs",
        };
    }
  },
});
