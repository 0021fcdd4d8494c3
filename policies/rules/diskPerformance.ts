import { z } from "zod";
import { sizes } from "../../spec/sizes";
import { shown, unknown, type Value } from "../resources/resource";
import { rule } from "../rule";

const slow = ["gp2", "standard", "st1", "sc1"];

export const diskPerformance = rule({
  name: "etcd-disk-performance",
  rule: "A member's data volume is provisioned for what its cluster's size asks",
  source: "etcd: Hardware recommendations, Disks; AWS EBS User Guide: volume types",
  level: "advisory",
  settings: z.strictObject({}),
  *check({ clusters }) {
    for (const { volumes, component } of clusters.flatMap(({ members }) => members)) {
      const floor = floorOf(component?.props.size);
      for (const resource of volumes) {
        const { type } = resource.props;
        if (typeof type === "string" && slow.includes(type)) {
          yield {
            resource,
            problem: `${type} has no steady latency: fsync comes late and leaders change`,
            mend: "Use gp3 or io2",
          };
          continue;
        }
        for (const figure of ["iops", "throughput"] as const) {
          const given = resource.props[figure];
          const wanted = floor[figure];
          if (given === unknown) {
            yield { resource, undecided: `its ${figure} are known only after a deployment` };
          } else if (wanted !== undefined && type === "gp3" && Number(given ?? baseline[figure]) < wanted) {
            yield {
              resource,
              problem: `${figure} ${shown(given)}, below the ${wanted} of its size`,
              mend: `Provision ${figure} of ${wanted} or more`,
            };
          }
        }
      }
    }
  },
});

/** What gp3 has without being asked. */
const baseline = { iops: 3000, throughput: 125 };

/** The declared size's volume; without one, what the smallest asks. */
function floorOf(size: Value): { iops?: number; throughput?: number } {
  const profile = typeof size === "string" && size in sizes ? sizes[size as keyof typeof sizes] : sizes.small;
  return profile.volume;
}
