import type { Architecture } from "../sizes";

/** What the name of an EC2 instance type says of it (https://docs.aws.amazon.com/ec2/latest/instancetypes/instance-type-names.html). */

interface InstanceType {
  /** Series and generation with what stands behind it, as `m7gd`. */
  family: string;
  series: string;
  generation: number;
  /** Letters behind the generation: processor and additions, as `gd`. */
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

/** A `g` behind the generation is Graviton, Arm; `a1` was the first of them. */
export function architectureOf(type: InstanceType): Architecture {
  return type.family === "a1" || /^[a-z]*g/.test(type.attributes) || type.attributes.includes("-gb")
    ? "arm64"
    : "amd64";
}

/** CPU credits: a machine that has used them up misses heartbeats. */
export function isBurstable({ series }: InstanceType): boolean {
  return series === "t";
}

/** Families of the Xen hypervisor (https://docs.aws.amazon.com/ec2/latest/instancetypes/ec2-nitro-instances.html lists the others). */
const xen = new Set(
  "m1 m2 m3 m4 c1 c3 c4 cc2 r3 r4 x1 x1e t1 t2 i2 i3 d2 h1 hs1 cr1 f1 g2 g3 g3s p2 p3".split(" "),
);

/** On Nitro a data volume is an NVMe device that names its volume; machines find theirs by it. */
export function hasNvmeVolumes({ family, size }: InstanceType): boolean {
  return !xen.has(family) || size.startsWith("metal");
}

/** Why a member does not run on the type, or undefined. */
export function instanceTypeProblem(
  name: string,
  { architecture, production }: { architecture: Architecture; production: boolean },
): string | undefined {
  const type = parseInstanceType(name);
  if (type === undefined) return "must be an EC2 instance type such as m6i.xlarge";
  if (type.series.startsWith("mac")) return "runs on dedicated hosts alone; name a type such as m6i.xlarge";
  const own = architectureOf(type);
  if (own !== architecture)
    return `is of ${own}, and machine.architecture is ${architecture}: the image does not start there; name a type of ${architecture}`;
  if (!hasNvmeVolumes(type))
    return "is of the Xen hypervisor, which has no NVMe devices: the machine does not find its data volume; name a type built on Nitro, as m6i.xlarge";
  if (production && isBurstable(type))
    return "is burstable: a machine without CPU credits misses heartbeats and elections follow; name a type of fixed performance, as m6i.xlarge";
  return undefined;
}
