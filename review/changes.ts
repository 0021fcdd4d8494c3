import { isDeepStrictEqual } from "node:util";
import { bundleOfPart, isAuthoritiesParameter } from "../contract/paths";
import { unpack } from "../machine/bundle";
import type { RecordedResource, Recording } from "../record/recording";
import { Secret, type Properties } from "../record/values";
import { difference, type Difference } from "../text/difference";
import { formerUrns } from "./former";

/** What a change to the declaration does, compared with what was declared before. */
export interface Changes {
  /** What it is compared with. */
  base: string;
  /** Settings with their old and new values: `version: "3.6.12" → "3.6.16"`. */
  settings: string[];
  /** Names of resources with their types. */
  added: string[];
  removed: string[];
  /** With the inputs that force the replacement. */
  replaced: string[];
  changed: string[];
  /** Programs and units of the machines that differ. */
  programs: ProgramChange[];
  /** How machines are replaced; undefined if none is. */
  roll?: string;
}

/** How one file of the machines' bundle differs. */
export interface ProgramChange extends Difference {
  file: string;
}

/**
 * Inputs whose change replaces an AWS resource, for the types that a cluster is made of (their pages in the provider's
 * registry). Types that are not listed change in place.
 */
const replacing: Readonly<Record<string, readonly string[]>> = {
  "aws:ec2/instance:Instance": ["ami", "primaryNetworkInterface", "placementGroupId", "rootBlockDevice"],
  "aws:ec2/networkInterface:NetworkInterface": ["subnetId"],
  "aws:ec2/volumeAttachment:VolumeAttachment": ["instanceId", "volumeId", "deviceName"],
  "aws:ebs/volume:Volume": ["availabilityZone", "encrypted", "kmsKeyId", "snapshotId"],
  "aws:ec2/securityGroup:SecurityGroup": ["vpcId", "description", "name", "namePrefix"],
  "aws:lb/loadBalancer:LoadBalancer": ["internal", "loadBalancerType", "name", "namePrefix"],
  "aws:lb/targetGroup:TargetGroup": ["port", "protocol", "targetType", "vpcId", "name", "namePrefix"],
  "aws:route53/record:Record": ["name", "type", "zoneId"],
  "aws:ssm/parameter:Parameter": ["name"],
  "aws:s3/bucket:Bucket": ["bucket", "bucketPrefix"],
  "aws:iam/role:Role": ["name", "namePrefix", "path"],
};

const instanceType = "aws:ec2/instance:Instance";

/** Compares two recordings of a stack. Keys and certificates are new in every recording and are left out. */
export function changesBetween(base: string, before: Recording, after: Recording): Changes {
  const [were, are] = [before, after].map(({ resources }) => resources.filter((each) => !isPart(each)));
  const old = new Map(were!.map((resource) => [resource.urn, resource]));
  const former = formerUrns(were!, are!);
  const kept = new Set(former.values());
  const changes: Changes = {
    base,
    settings: settingsBetween(clusterOf(before), clusterOf(after)),
    added: are!.filter(({ urn }) => !former.has(urn)).map(label),
    removed: were!.filter(({ urn }) => !kept.has(urn)).map(label),
    replaced: [],
    changed: [],
    programs: programsBetween(before, after),
  };
  const replacedMachines: RecordedResource[] = [];
  for (const resource of are!.filter((each) => each.custom && !each.type.startsWith("tls:"))) {
    // It tells certificates by their hashes; what is declared of it is a setting.
    if (isAuthoritiesParameter(String(resource.inputs.name))) continue;
    const previous = old.get(former.get(resource.urn) ?? "");
    if (previous === undefined) continue;
    const differing = differingInputs(previous.inputs, resource.inputs).filter(
      (input) => !names(resource.options.ignoreChanges, input),
    );
    const triggered = isDeepStrictEqual(
      previous.options.replacementTrigger,
      resource.options.replacementTrigger,
    )
      ? []
      : ["replacementTrigger"];
    if (differing.length + triggered.length === 0) continue;
    const forcing = [...differing.filter((input) => replaces(resource, input)), ...triggered];
    const line = `${label(resource)}: ${(forcing.length > 0 ? forcing : differing).join(", ")}`;
    (forcing.length > 0 ? changes.replaced : changes.changed).push(line);
    if (forcing.length > 0 && resource.type === instanceType) replacedMachines.push(resource);
  }
  if (replacedMachines.length > 0) changes.roll = rollOf(replacedMachines, after);
  return changes;
}

/** Whether it holds a part of the machines' programs: those are compared file by file. */
function isPart({ inputs }: RecordedResource): boolean {
  return typeof inputs.name === "string" && bundleOfPart(inputs.name) !== undefined;
}

function programsBetween(before: Recording, after: Recording): ProgramChange[] {
  const [old, now] = [before, after].map(({ resources }) => {
    const parts = resources.filter(isPart).map(({ inputs }) => String(inputs.insecureValue));
    return new Map((parts.length === 0 ? [] : unpack(parts)).map(({ path, content }) => [path, content]));
  });
  return [...new Set([...old!.keys(), ...now!.keys()])]
    .sort()
    .map((file) => ({ file, ...difference(old!.get(file) ?? "", now!.get(file) ?? "") }))
    .filter(({ hunks }) => hunks.length > 0);
}

/** Whether property paths, as options have them, name a whole input. */
function names(paths: readonly string[] = [], input: string): boolean {
  return paths.some((path) => path === "*" || path === input);
}

function replaces({ type, inputs, options }: RecordedResource, input: string): boolean {
  // A path into the input may be what differs: better to report one replacement too many than one too few.
  const within = options.replaceOnChanges?.some((path) => path.split(/[.[]/)[0] === input);
  if (within || names(options.replaceOnChanges, input)) return true;
  if (type === instanceType && /^userData(Base64)?$/.test(input))
    return inputs.userDataReplaceOnChange === true;
  return replacing[type]?.includes(input) ?? false;
}

/**
 * Whether the machines go one at a time: each waits for the one before, and is deleted before its successor is made.
 */
function rollOf(machines: readonly RecordedResource[], { resources }: Recording): string {
  const all = new Map(resources.map((resource) => [resource.urn, resource]));
  const reaches = (from: RecordedResource, target: string, seen = new Set<string>()): boolean =>
    from.dependencies.some((urn) => {
      if (urn === target) return true;
      if (seen.has(urn) || !all.has(urn)) return false;
      seen.add(urn);
      return reaches(all.get(urn)!, target, seen);
    });
  const beside = machines.flatMap((one, index) =>
    machines
      .slice(index + 1)
      .filter((other) => !reaches(one, other.urn) && !reaches(other, one.urn))
      .map((other) => `${one.name} and ${other.name}`),
  );
  const kept = machines.filter(({ options }) => options.deleteBeforeReplace !== true).map(({ name }) => name);
  if (beside.length > 0) return `NOT one at a time: ${beside.join("; ")} do not wait for each other.`;
  if (kept.length > 0) return `NOT one at a time: ${kept.join(", ")} would run beside their successors.`;
  const count = machines.length === 1 ? "One machine is" : `${machines.length} machines are`;
  return `${count} replaced one at a time, each deleted before its successor is made.`;
}

function clusterOf({ resources }: Recording): Properties {
  return resources.find(({ type }) => type === "etcd:index:EtcdCluster")?.inputs ?? {};
}

function settingsBetween(before: Properties, after: Properties): string[] {
  const text = (value: unknown) => (value === undefined ? "not set" : JSON.stringify(value));
  return differingInputs(before, after).map((key) => `${key}: ${text(before[key])} → ${text(after[key])}`);
}

/** Names of inputs that differ, except for secrets, which are new in every recording. */
function differingInputs(before: Properties, after: Properties): string[] {
  return [...new Set([...Object.keys(before), ...Object.keys(after)])]
    .filter((key) => !(before[key] instanceof Secret) && !(after[key] instanceof Secret))
    .filter((key) => !isDeepStrictEqual(before[key], after[key]))
    .sort();
}

function label({ type, name }: RecordedResource): string {
  return `${type.slice(type.lastIndexOf(":") + 1)} ${name}`;
}
