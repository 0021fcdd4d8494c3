import { z } from "zod";
import { backupSelections, selects } from "../resources/backupPlans";
import { at, items, notSeen, shown, tags, unknown, type Resource, type Values } from "../resources/resource";
import { rule, type Finding, type Undecided } from "../rule";

export const volumeSnapshots = rule({
  name: "etcd-volume-snapshots",
  rule: "A schedule or an AWS Backup plan takes snapshots of every data volume of a production cluster and keeps several",
  source:
    "Kubernetes: Operating etcd clusters, Volume snapshot; AWS EBS User Guide: Data Lifecycle Manager; AWS Backup",
  level: "mandatory",
  settings: z.strictObject({ minRetain: z.int().min(2).max(1000).default(2) }),
  *check(stack, { minRetain }) {
    const enabled = stack
      .ofType("aws:dlm/lifecyclePolicy:LifecyclePolicy")
      .filter(({ props }) => (props.state ?? "ENABLED") === "ENABLED");
    const selections = backupSelections(stack);
    for (const { members, environment } of stack.clusters) {
      if (environment === "testing") continue;
      const used = new Set<Resource>();
      for (const { volumes, instance } of members) {
        for (const volume of volumes) {
          const carriers = instance ? [volume, instance] : [volume];
          const schedules = enabled.filter((policy) => takes(policy, carriers));
          for (const schedule of schedules) used.add(schedule);
          const answers = selections.map((selection) => selects(selection, carriers));
          if (schedules.length > 0 || answers.includes(true)) continue;
          const hidden = enabled.some(({ props }) => at(props, "policyDetails", "targetTags") === unknown);
          if (hidden || answers.includes(unknown)) {
            yield { resource: volume, undecided: notSeen(volume, "what a schedule selects") };
          } else {
            yield {
              resource: volume,
              problem: `no enabled schedule and no backup plan selects it by a tag that it carries (${Object.keys(tags(volume)).join(", ")})`,
              mend: "Give a schedule's targetTags one tag of every data volume, key and value",
            };
          }
        }
      }
      for (const resource of used) yield* judgeRetention(resource, minRetain);
    }
  },
});

function* judgeRetention(resource: Resource, minRetain: number): Generator<Finding | Undecided> {
  for (const schedule of items(at(resource.props, "policyDetails", "schedules"))) {
    const count = at(schedule, "retainRule", "count");
    // Kept by age instead.
    if (count === undefined && at(schedule, "retainRule", "interval") !== undefined) continue;
    if (count === unknown) {
      yield { resource, undecided: notSeen(resource, "its retention") };
    } else if (typeof count !== "number" || count < minRetain) {
      yield {
        resource,
        problem: `it keeps ${shown(count)} snapshots, fewer than ${minRetain}`,
        mend: "Raise retainRule.count",
      };
    }
  }
}

/**
 * Whether a policy selects a volume: DLM selects volumes that carry any of the target tags, volumes of machines that
 * do, or with a default policy every volume.
 */
function takes({ props }: Resource, [volume, instance]: Resource[]): boolean {
  if (props.defaultPolicy === "VOLUME") return true;
  const types = items(at(props, "policyDetails", "resourceTypes"));
  const targets = at(props, "policyDetails", "targetTags");
  if (typeof targets !== "object" || targets === null) return false;
  return [types.includes("VOLUME") && volume, types.includes("INSTANCE") && instance].some((carrier) => {
    const own = carrier ? tags(carrier) : {};
    return Object.entries(targets as Values).some(([key, value]) => own[key] === value);
  });
}
