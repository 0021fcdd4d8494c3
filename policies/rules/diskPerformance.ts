import { z } from "zod";
import { sizes } from "../../spec/sizes";
import { notSeen, shown, unknown, type Value, type Values } from "../resources/resource";
import { rule } from "../rule";

export const diskPerformance = rule({
  name: "etcd-disk-performance",
  rule: "A production data volume provides the IOPS and throughput that its cluster's size needs, whatever its type",
  source: "etcd: Hardware recommendations, Disks; AWS EBS User Guide: volume types",
  level: "mandatory",
  settings: z.strictObject({}),
  *check({ clusters }) {
    for (const { members, environment } of clusters) {
      // A testing cluster may be slow; it is only warned.
      const level = environment === "testing" ? "advisory" : undefined;
      for (const { volumes, component } of members) {
        const floor = floorOf(component?.props.size);
        for (const resource of volumes) {
          const { type } = resource.props;
          if (typeof type === "string" && type in slow) {
            yield {
              resource,
              problem: `${type} ${slow[type]}: fsync comes late and leaders change`,
              mend: "Use gp3 or io2",
              level,
            };
            continue;
          }
          for (const figure of ["iops", "throughput"] as const) {
            const [given, wanted] = [baseline(resource.props)[figure], floor[figure]];
            if (given === unknown) {
              yield { resource, undecided: notSeen(resource, `its ${figure}`) };
            } else if (wanted !== undefined && typeof given === "number" && given < wanted) {
              yield {
                resource,
                problem: `${shown(type ?? "gp2")} gives ${given} ${units[figure]}, below its size's ${wanted}`,
                mend: `Use gp3 or io2 with ${wanted} ${units[figure]} or more`,
                level,
              };
            }
          }
        }
      }
    }
  },
});

const units = { iops: "IOPS", throughput: "MiB/s" };

/** Magnetic types, and why they are too slow for etcd's log. */
const slow: Readonly<Record<string, string>> = {
  standard: "gives 100 IOPS, on a magnetic disk",
  st1: "is made for long sequential reads, on a magnetic disk",
  sc1: "is made for data that is seldom read, on a magnetic disk",
};

/**
 * What a volume provides at any time, in IOPS and MiB/s: what is provisioned, or else the type's baseline, without
 * bursts. A type unknown here has no figures. https://docs.aws.amazon.com/ebs/latest/userguide/ebs-volume-types.html
 */
function baseline({ type, size, iops, throughput }: Values): { iops?: Value; throughput?: Value } {
  if (type === unknown) return { iops: unknown };
  switch (type ?? "gp2") {
    case "gp3":
      return { iops: iops ?? 3000, throughput: throughput ?? 125 };
    case "io1":
    case "io2":
      // Throughput follows from IOPS: 256 KiB per operation.
      return { iops: iops ?? 100, throughput: typeof iops === "number" ? iops / 4 : undefined };
    case "gp2":
      if (typeof size !== "number") return { iops: unknown };
      return { iops: Math.min(Math.max(3 * size, 100), 16_000), throughput: size > 170 ? 250 : 128 };
    default:
      return {};
  }
}

/** The declared size's volume; if none is declared, the smallest size's. */
function floorOf(size: Value): { iops?: number; throughput?: number } {
  const profile = typeof size === "string" && size in sizes ? sizes[size as keyof typeof sizes] : sizes.small;
  return profile.volume;
}
