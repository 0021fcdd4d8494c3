import { z } from "zod";
import type { Resource } from "../resources/resource";
import { readUserData } from "../resources/userData";
import { rule } from "../rule";

export const pinnedBinaries = rule({
  name: "etcd-pinned-binaries",
  rule: "Production machines check the etcd that they download against a declared SHA-256",
  source: "etcd's releases: SHA256SUMS; whatever a tampered mirror serves would run on every member",
  level: "advisory",
  settings: z.strictObject({}),
  *check({ clusters }) {
    for (const { members, environment } of clusters) {
      if (environment === "testing") continue;
      const unpinned = members.flatMap(({ instance }) => (instance && takesAny(instance) ? instance : []));
      if (unpinned.length === 0) continue;
      yield {
        resource: unpinned[0]!,
        problem: `no checksum of etcd is declared for ${unpinned.length} machines, which refuse to run etcd without one`,
        mend: "Set etcd:checksums from SHA256SUMS of the release",
      };
    }
  },
});

/** Whether a machine's identity, as our user data has it, names no checksum. */
function takesAny(instance: Resource): boolean {
  return readUserData(instance).texts.some((text) => /"checksums": \{\}/.test(text));
}
