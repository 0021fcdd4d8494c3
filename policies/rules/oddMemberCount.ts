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
          problem: `${count} members in ${name}; with a quorum of ${Math.floor(count / 2) + 1} they survive no more losses than ${count - 1} would`,
          mend: "Declare 3 or 5 members",
        };
      }
    }
  },
});
