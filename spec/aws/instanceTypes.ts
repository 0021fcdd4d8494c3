import type { Architecture } from "../sizes";

/** What an EC2 instance type's name says about it (https://docs.aws.amazon.com/ec2/latest/instancetypes/instance-type-names.html). */

interface InstanceType {
  /** Series, generation and attributes, such as `m7gd`. */
  family: string;
  series: string;
  generation: number;
  /** Letters after the generation: processor and extras, such as `gd`. */
  attributes: string;
  size: string;
}

export function parseInstanceType(name: string): InstanceType | undefined {
  const parts = /^(([a-z]+(?:-[a-z]+|-\d+tb)?)(\d+)([a-z0-9-]*))\.([a-z0-9-]+)$/.exec(name);
  if (parts === null) return undefined;
  const [, family, series, generation, attributes, size] = parts;
  return {
    family: family!,
    series: series!,
    generation: Number(generation),
    attributes: attributes!,
    size: size!,
  };
}

/** A `g` after the generation means Graviton, which is Arm; `a1` was the first. */
export function architectureOf(type: InstanceType): Architecture {
  return type.family === "a1" || /^[a-z]*g/.test(type.attributes) || type.attributes.includes("-gb")
    ? "arm64"
    : "amd64";
}

/** A burstable machine that has used up its CPU credits misses heartbeats. */
export function isBurstable({ series }: InstanceType): boolean {
  return series === "t";
}

/** Families of the Xen hypervisor (https://docs.aws.amazon.com/ec2/latest/instancetypes/ec2-nitro-instances.html lists the others). */
const xen = new Set(
  "m1 m2 m3 m4 c1 c3 c4 cc2 r3 r4 x1 x1e t1 t2 i2 i3 d2 h1 hs1 cr1 f1 g2 g3 g3s p2 p3".split(" "),
);

/** On Nitro, a data volume is an NVMe device that carries the volume's id; machines find theirs by it. */
export function hasNvmeVolumes({ family, size }: InstanceType): boolean {
  return !xen.has(family) || size.startsWith("metal");
}

/** Why a member cannot run on the type, or undefined. */
export function instanceTypeProblem(
  name: string,
  { architecture, production }: { architecture: Architecture; production: boolean },
): string | undefined {
  const type = parseInstanceType(name);
  if (type === undefined) return "must be an EC2 instance type such as m6i.xlarge";
  if (type.series.startsWith("mac")) return "runs on dedicated hosts only; name a type such as m6i.xlarge";
  const own = architectureOf(type);
  if (own !== architecture)
    return `is ${own}, but machine.architecture is ${architecture}: the image does not boot there; name an ${architecture} type`;
  if (!hasNvmeVolumes(type))
    return "runs on the Xen hypervisor, which has no NVMe devices: the machine would not find its data volume; name a type built on Nitro, such as m6i.xlarge";
  if (production && isBurstable(type))
    return "is burstable: a machine without CPU credits misses heartbeats, and elections follow; name a type with fixed performance, such as m6i.xlarge";
  return undefined;
}
