import semver from "semver";
import { z } from "zod";
import { rule } from "../rule";
import { upgradeProblem } from "../versions";

export const upgradeOneMinor = rule({
  name: "etcd-upgrade-one-minor",
  rule: "etcd is upgraded one minor version at a time, from a patch that allows it",
  source: "etcd: Upgrading guides; Kubernetes: Operating etcd clusters, Upgrading etcd clusters",
  level: "mandatory",
  settings: z.strictObject({
    previousVersion: z
      .string()
      .refine((version) => semver.valid(version) !== null, "must be a full semantic version such as 3.6.16")
      .optional()
      .describe("What runs now, as the deployed stack's output etcd.version says"),
  }),
  *check({ clusters }, { previousVersion }) {
    for (const { members, resource, name } of clusters) {
      const versions = [...new Set(members.flatMap(({ version }) => version ?? []))].filter(
        (version) => semver.valid(version) !== null,
      );
      versions.sort(semver.compare);
      const newest = versions.at(-1);
      if (newest === undefined) continue;
      // Members that differ are in the middle of an upgrade, from the oldest to the newest of them.
      const from = previousVersion ?? versions[0]!;
      const problem = upgradeProblem(from, newest) ?? upgradeProblem(versions[0]!, newest);
      if (problem !== undefined) {
        yield {
          resource,
          problem: `${name} goes from ${from} to ${newest}: ${problem}`,
          mend: "Go through each minor in turn: 3.5 to 3.6 to 3.7",
        };
      }
    }
  },
});
