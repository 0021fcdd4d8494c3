import { z } from "zod";
import { memberFlags } from "../resources/etcdFlags";
import { rule } from "../rule";

/** Where kubeadm and most installers keep Kubernetes' own CA. */
const kubernetesCa = /^\/etc\/kubernetes\/(pki|ssl)\/ca\.(crt|pem)$/;

export const uniqueCa = rule({
  name: "etcd-unique-ca",
  rule: "etcd trusts its own CAs, one for clients and one for peers, separate from Kubernetes' CA",
  source: "CIS Kubernetes Benchmark 2.7",
  level: "mandatory",
  settings: z.strictObject({}),
  *check(stack) {
    const { seen, unseen } = memberFlags(stack);
    yield* unseen;
    for (const { resource, flags } of seen) {
      const [client, peer] = [flags.get("trusted-ca-file"), flags.get("peer-trusted-ca-file")];
      if (client !== undefined && client === peer) {
        yield {
          resource,
          problem: `clients and peers share one CA, ${client}: any client could join as a member`,
          mend: "Give --trusted-ca-file and --peer-trusted-ca-file a CA each",
        };
      }
      for (const ca of new Set([client, peer])) {
        if (ca === undefined || !kubernetesCa.test(ca)) continue;
        yield {
          resource,
          problem: `${ca} is Kubernetes' CA: whoever holds a certificate of the cluster is root in etcd`,
          mend: "Give etcd a CA of its own",
        };
      }
    }
  },
});
