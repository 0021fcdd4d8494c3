import { z } from "zod";
import { flagProblems, memberFlags } from "../estate/etcdFlags";
import { rule } from "../rule";

export const tlsPeerAuth = rule({
  name: "etcd-tls-peer-auth",
  rule: "Members reach each other by TLS alone and demand a certificate of their own CA",
  source:
    "CIS Kubernetes Benchmark 2.4, 2.5, 2.6; Kubernetes: Operating etcd clusters, Securing communication",
  level: "mandatory",
  settings: z.strictObject({}),
  *check({ clusters }) {
    const { seen, unseen } = memberFlags(clusters);
    yield* unseen;
    for (const { resource, flags } of seen) {
      const problems = flagProblems(flags, {
        set: ["peer-cert-file", "peer-key-file", "peer-trusted-ca-file"],
        yes: ["peer-client-cert-auth"],
        no: ["peer-auto-tls"],
        https: ["listen-peer-urls", "initial-advertise-peer-urls"],
      });
      for (const problem of problems)
        yield {
          resource,
          problem,
          mend: "Set --peer-cert-file, --peer-key-file, --peer-trusted-ca-file and --peer-client-cert-auth=true, and https URLs",
        };
    }
  },
});
