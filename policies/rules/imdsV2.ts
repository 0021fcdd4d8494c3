import { z } from "zod";
import { at, notSeen, unknown } from "../resources/resource";
import { rule } from "../rule";

export const imdsV2 = rule({
  name: "etcd-imdsv2",
  rule: "A member's machine answers metadata requests with a session token only (IMDSv2)",
  source: "AWS EC2 User Guide: Use IMDSv2; AWS Foundational Security Best Practices EC2.8",
  level: "mandatory",
  settings: z.strictObject({}),
  *check({ clusters }) {
    for (const { instance } of clusters.flatMap(({ members }) => members)) {
      if (!instance) continue;
      const tokens = at(instance.props, "metadataOptions", "httpTokens");
      if (tokens === unknown) {
        yield { resource: instance, undecided: notSeen(instance, "metadataOptions.httpTokens") };
      } else if (tokens !== "required") {
        yield {
          resource: instance,
          problem: `metadataOptions.httpTokens is ${JSON.stringify(tokens) ?? "not set"}`,
          mend: 'Set metadataOptions.httpTokens to "required"',
        };
      }
    }
  },
});
