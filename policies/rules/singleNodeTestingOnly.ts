import { z } from "zod";
import { rule } from "../rule";

export const singleNodeTestingOnly = rule({
  name: "etcd-single-node-testing-only",
  rule: "A single-node cluster is for testing only",
  source: "Kubernetes: Operating etcd clusters, Single-node etcd cluster",
  level: "mandatory",
  settings: z.strictObject({}),
  *check({ clusters }) {
    for (const { resource, members, name, environment } of clusters) {
      if (members.length !== 1 || environment === "testing") continue;
      yield {
        resource,
        problem: `${name} has one member and is declared ${environment}`,
        mend: "Declare five members, or the environment testing (tag etcd:environment)",
      };
    }
  },
});
