import type { Properties } from "../../record/values";
import type { Kept } from "./kept";
import { object, type TypeRules } from "./types";

/** What AWS refuses and its provider's argument check does not catch. */

const hex = "[0-9a-f]{8}(?:[0-9a-f]{9})?";
const ids = {
  ami: "ami",
  volumeId: "vol",
  vpcId: "vpc",
  subnetId: "subnet",
  subnetIds: "subnet",
  subnets: "subnet",
  instanceId: "i",
  networkInterfaceId: "eni",
  placementGroupId: "pg",
  securityGroupId: "sg",
  securityGroupIds: "sg",
  securityGroups: "sg",
  vpcSecurityGroupIds: "sg",
  referencedSecurityGroupId: "sg",
  capacityReservationId: "cr",
} as const;

/** Forms of arguments, by name. */
const forms = new Map<string, { form: RegExp; what: string }>([
  ...Object.entries(ids).map(([name, prefix]): [string, { form: RegExp; what: string }] => [
    name,
    { form: new RegExp(`^${prefix}-${hex}$`), what: `${prefix}-…` },
  ]),
  ["kmsKeyId", { form: /^(arn:|[0-9a-f]{8}-)/, what: "a key's ARN or id" }],
  ["zoneId", { form: /^Z[0-9A-Z]{1,31}$/, what: "Z…" }],
  ["instanceType", { form: /^[a-z][a-z0-9-]*\.[a-z0-9-]+$/, what: "family.size" }],
  ["availabilityZone", { form: /^[a-z]{2,}(-[a-z]+)+-\d+(-[a-z0-9-]+)?[a-z0-9]$/, what: "a zone's name" }],
]);

/** Arguments that these resource types need although @pulumi/aws makes them optional. */
const needed: Readonly<Record<string, readonly string[]>> = {
  "aws:ec2/instance:Instance": ["ami", "instanceType"],
  "aws:ebs/volume:Volume": ["size"],
};

/** Why AWS would refuse a change, in AWS' manner; undefined if it would not. */
export function refusal(
  change: "create" | "update" | "delete",
  resource: Kept,
  rules: TypeRules,
  others: readonly Kept[],
): string | undefined {
  const { type, id, inputs } = resource;
  const rest = others.filter((other) => other.type !== type || other.id !== id);
  if (change === "delete") {
    const kept = keeps(resource, rest);
    if (kept !== undefined) return kept;
    const user = rest.find((other) => rules.usedBy?.includes(other.type) && mentions(other.inputs, resource));
    return user && `DependencyViolation: ${id} is used by ${user.id}`;
  }
  const missing = needed[type]?.find((name) => inputs[name] === undefined);
  if (missing !== undefined) return `MissingParameter: ${missing}`;
  return (
    malformed(inputs) ??
    tooLong(inputs) ??
    notFound(inputs, rest) ??
    taken(resource, rules, rest) ??
    (change === "update" ? shrunk(resource, others) : undefined)
  );
}

/** Why AWS does not delete a resource in its present state. */
function keeps({ type, id, inputs }: Kept, others: readonly Kept[]): string | undefined {
  // https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_DeleteLoadBalancer.html
  if (type === "aws:lb/loadBalancer:LoadBalancer" && inputs.enableDeletionProtection === true)
    return `OperationNotPermitted: Load balancer '${id}' cannot be deleted because deletion protection is enabled`;
  // https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteBucket.html
  const filled = others.some((other) => other.type === object && other.inputs.bucket === id);
  if (type === "aws:s3/bucket:Bucket" && filled && inputs.forceDestroy !== true)
    return `BucketNotEmpty: The bucket you tried to delete is not empty: ${id}`;
  return undefined;
}

/** Volumes only grow (https://docs.aws.amazon.com/ebs/latest/userguide/modify-volume-requirements.html). */
function shrunk({ type, id, inputs }: Kept, others: readonly Kept[]): string | undefined {
  const before = others.find((other) => other.type === type && other.id === id)?.inputs.size;
  return type === "aws:ebs/volume:Volume" && Number(inputs.size) < Number(before)
    ? `InvalidParameterValue: New size cannot be smaller than existing size: ${id}`
    : undefined;
}

function malformed(inputs: Properties): string | undefined {
  for (const [name, value] of Object.entries(inputs)) {
    const values: unknown[] = Array.isArray(value) ? value : [value];
    for (const single of values) {
      if (typeof single === "object" && single !== null) {
        const inner = malformed(single as Properties);
        if (inner !== undefined) return inner;
      } else if (typeof single === "string") {
        const expected = name.endsWith("Arn") ? { form: /^arn:/, what: "arn:…" } : forms.get(name);
        if (expected && !expected.form.test(single)) {
          return `InvalidParameterValue: ${name}: "${single}": malformed, expected ${expected.what}`;
        }
      }
    }
  }
  return undefined;
}

/** EC2 accepts 16 KB of user data, before encoding. */
function tooLong({ userData, userDataBase64 }: Properties): string | undefined {
  const bytes =
    typeof userDataBase64 === "string"
      ? Buffer.from(userDataBase64, "base64").length
      : typeof userData === "string"
        ? Buffer.byteLength(userData)
        : 0;
  return bytes > 16_384
    ? `InvalidParameterValue: User data is limited to 16384 bytes, not ${bytes}`
    : undefined;
}

/** Things that only the stack itself makes: a reference to a missing one is a mistake. */
const made: Readonly<Record<string, string>> = {
  instanceId: "aws:ec2/instance:Instance",
  volumeId: "aws:ebs/volume:Volume",
  networkInterfaceId: "aws:ec2/networkInterface:NetworkInterface",
};

function notFound(inputs: Properties, others: readonly Kept[]): string | undefined {
  for (const [name, value] of Object.entries(inputs)) {
    if (typeof value === "string" && made[name] !== undefined) {
      const exists = others.some(({ type, id }) => type === made[name] && id === value);
      if (!exists) return `NotFound: ${name}: "${value}" does not exist`;
    } else if (typeof value === "object" && value !== null && !Array.isArray(value)) {
      const inner = notFound(value as Properties, others);
      if (inner !== undefined) return inner;
    }
  }
  return undefined;
}

/** What another resource of the type already holds, and an interface that another instance has. */
function taken({ type, inputs }: Kept, { unique }: TypeRules, others: readonly Kept[]): string | undefined {
  const interfaceId = (inputs.primaryNetworkInterface as Properties | undefined)?.networkInterfaceId;
  const holder = others.find(
    (other) =>
      other.type === type &&
      ((unique !== undefined && sameIn(unique, other.inputs, inputs)) ||
        (interfaceId !== undefined && JSON.stringify(other.inputs).includes(JSON.stringify(interfaceId)))),
  );
  return (
    holder && `AlreadyExists: ${(unique ?? ["primaryNetworkInterface"]).join(", ")}: held by ${holder.id}`
  );
}

function sameIn(names: readonly string[], one: Properties, other: Properties): boolean {
  return names.every((name) => {
    const argument = name.replace(/\?$/, "");
    const left = one[argument] === undefined && argument !== name;
    return left
      ? other[argument] === undefined
      : one[argument] !== undefined && JSON.stringify(one[argument]) === JSON.stringify(other[argument]);
  });
}

function mentions(inputs: Properties, { id, outputs }: Kept): boolean {
  const text = JSON.stringify(inputs);
  return [id, outputs.arn, outputs.placementGroupId, outputs.name]
    .filter((name) => typeof name === "string")
    .some((name) => text.includes(JSON.stringify(name)));
}
