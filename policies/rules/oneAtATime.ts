import { z } from "zod";
import type { Resource } from "../resources/resource";
import { rule } from "../rule";

export const oneAtATime = rule({
  name: "etcd-one-at-a-time",
  rule: "Members' machines are chained, and each is deleted before its successor is made",
  source: "Kubernetes: Operating etcd clusters, Replacing a failed etcd member; Pulumi: deleteBeforeReplace",
  level: "mandatory",
  settings: z.strictObject({}),
  *check({ clusters }) {
    for (const { members } of clusters) {
      const machines = members.flatMap(({ instance }) => instance ?? []);
      for (const { instance, attachments } of members) {
        for (const resource of [...(instance ? [instance] : []), ...attachments]) {
          if (resource.opts.deleteBeforeReplace === true) continue;
          yield {
            resource,
            problem: "without deleteBeforeReplace, two machines would run one member",
            mend: "Set the resource option deleteBeforeReplace to true",
          };
        }
      }
      for (const [index, resource] of machines.entries()) {
        const free = machines
          .slice(index + 1)
          .find((other) => !reaches(resource, other) && !reaches(other, resource));
        if (free) {
          yield {
            resource,
            problem: `neither ${resource.name} nor ${free.name} waits for the other: both may go at once`,
            mend: "Let each machine depend on the volume attachment of the one before (dependsOn)",
          };
        }
      }
    }
  },
});

/** Whether one resource waits for another, directly or through others. */
function reaches(from: Resource, target: Resource, seen = new Set<Resource>()): boolean {
  return from.dependencies.some((each) => {
    if (each === target) return true;
    if (seen.has(each)) return false;
    seen.add(each);
    return reaches(each, target, seen);
  });
}
