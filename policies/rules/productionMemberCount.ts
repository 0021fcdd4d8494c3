import { z } from "zod";
import { rule } from "../rule";

export const productionMemberCount = rule({
  name: "etcd-production-member-count",
  rule: "A production cluster has at least three members; five are advised",
  source: "Kubernetes: Operating etcd clusters, Multi-node etcd cluster",
  level: "mandatory",
  settings: z.strictObject({ minimum: z.int().min(3).max(9).default(3) }),
  *check({ clusters }, { minimum }) {
    for (const { resource, members, name, environment } of clusters) {
      if (environment === "testing") continue;
      const count = members.length;
      if (count < minimum) {
        yield {
          resource,
          problem: `${count} members in ${name}, fewer than ${minimum}`,
          mend: "Declare five members, or the environment testing",
        };
      } else if (count < 5) {
        yield {
          resource,
          problem: `${count} members in ${name} survive the loss of ${Math.floor((count - 1) / 2)}; five survive two`,
          mend: "Declare five members",
          level: "advisory",
        };
      }
    }
  },
});
