import { z } from "zod";
import { rule } from "../rule";

export const oddMemberCount = rule({
  name: "etcd-odd-member-count",
  rule: "An etcd cluster has an odd number of members",
  source: "Kubernetes: Operating etcd clusters, Before you begin; etcd FAQ",
  level: "mandatory",
  settings: z.strictObject({}),
  *check({ clusters }) {
    for (const { resource, members, name } of clusters) {
      const count = members.length;
      if (count % 2 === 0) {
        yield {
          resource,
          problem: `${count} members in ${name}; their quorum of ${Math.floor(count / 2) + 1} bears no more losses than that of ${count - 1}`,
          mend: "Declare 3 or 5 members",
        };
      }
    }
  },
});
