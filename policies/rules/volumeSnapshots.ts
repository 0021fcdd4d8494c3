import { z } from "zod";
import { at, items, shown, tags, unknown, type Resource, type Values } from "../resources/resource";
import { rule } from "../rule";

export const volumeSnapshots = rule({
  name: "etcd-volume-snapshots",
  rule: "A schedule takes snapshots of every data volume of a production cluster and keeps some",
  source: "Kubernetes: Operating etcd clusters, Volume snapshot; AWS EBS User Guide: Data Lifecycle Manager",
  level: "mandatory",
  settings: z.strictObject({ minRetain: z.int().min(2).max(1000).default(2) }),
  *check(stack, { minRetain }) {
    const enabled = stack
      .ofType("aws:dlm/lifecyclePolicy:LifecyclePolicy")
      .filter(({ props }) => (props.state ?? "ENABLED") === "ENABLED");
    for (const { members, environment } of stack.clusters) {
      if (environment === "testing") continue;
      const used = new Set<Resource>();
      for (const volume of members.flatMap(({ volumes }) => volumes)) {
        const schedules = enabled.filter((policy) => takes(policy, volume));
        for (const schedule of schedules) used.add(schedule);
        if (schedules.length > 0) continue;
        const hidden = enabled.filter(({ props }) => at(props, "policyDetails", "targetTags") === unknown);
        if (hidden.length > 0) {
          yield { resource: volume, undecided: "a schedule's target tags are known only after a deployment" };
        } else {
          yield {
            resource: volume,
            problem: `no enabled schedule has a target tag that it carries (${Object.keys(tags(volume)).join(", ")})`,
            mend: "Give a schedule's targetTags one tag of every data volume, key and value",
          };
        }
      }
      for (const resource of used) {
        for (const schedule of items(at(resource.props, "policyDetails", "schedules"))) {
          const count = at(schedule, "retainRule", "count");
          // Kept by age instead.
          if (count === undefined && at(schedule, "retainRule", "interval") !== undefined) continue;
          if (count === unknown) {
            yield { resource, undecided: "its retention is known only after a deployment" };
          } else if (typeof count !== "number" || count < minRetain) {
            yield {
              resource,
              problem: `it keeps ${shown(count)} snapshots, fewer than ${minRetain}`,
              mend: "Raise retainRule.count",
            };
          }
        }
      }
    }
  },
});

/** Whether a policy takes a volume: DLM takes those that carry any of its target tags. */
function takes({ props }: Resource, volume: Resource): boolean {
  const types = items(at(props, "policyDetails", "resourceTypes"));
  const targets = at(props, "policyDetails", "targetTags");
  if (!types.includes("VOLUME") || typeof targets !== "object" || targets === null) return false;
  const own = tags(volume);
  return Object.entries(targets as Values).some(([key, value]) => own[key] === value);
}
