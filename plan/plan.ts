import { childrenOf, ofType, type RecordedResource, type Recording } from "../record/recording";
import type { Properties } from "../record/values";

/** What a stack declares, ready to be shown. Secrets show as `[secret]` however it is printed. */
export interface Plan {
  stack: string;
  /** The cluster as declared, defaults filled in. */
  cluster: Properties;
  members: PlannedMember[];
  /** What the members' security group lets them reach outside the cluster. */
  reach: Reached[];
  resources: PlannedResource[];
  apiServer: Properties;
  /** Manifests of the CronJob that defragments, if one is declared. */
  defragmentation?: Properties;
  warnings: string[];
}

export interface PlannedMember {
  name: string;
  zone: string;
  address: string;
  dnsName: string;
  size: string;
  instanceType: string;
  volume: { type: string; sizeGiB: number; iops: number; throughput?: number };
  replaces?: { name: string };
}

export interface Reached {
  /** A range, a prefix list or the name of a security group. */
  to: string;
  protocol: string;
  port: number;
  purpose: string;
}

export type PlannedResource = Pick<
  RecordedResource,
  "urn" | "type" | "name" | "parent" | "inputs" | "options" | "dependencies"
>;

/** The plan of a recorded run. */
export function planOf(recording: Recording): Plan {
  const cluster = ofType(recording, "etcd:index:EtcdCluster")[0]?.inputs ?? {};
  const declared = ((cluster.members ?? []) as { name: string }[]).map(({ name }) => name);
  return {
    stack: recording.stack,
    cluster,
    members: ofType(recording, "etcd:index:EtcdMember")
      .filter(({ inputs }) => inputs.retired !== true)
      .map(({ inputs }) => {
        const { name, zone, address, dnsName, size, instanceType, volume, replaces } =
          inputs as unknown as PlannedMember;
        return { name, zone, address, dnsName, size, instanceType, volume, replaces };
      })
      .sort((a, b) => declared.indexOf(a.name) - declared.indexOf(b.name)),
    reach: reachOf(recording),
    resources: recording.resources.map(({ urn, type, name, parent, inputs, options, dependencies }) => ({
      urn,
      type,
      name,
      parent,
      inputs,
      options,
      dependencies,
    })),
    apiServer: (recording.outputs.apiServer ?? {}) as Properties,
    defragmentation: (recording.outputs.defragmentation ?? undefined) as Properties | undefined,
    warnings: recording.logs.filter(({ severity }) => severity === "warning").map(({ message }) => message),
  };
}

/** What rules of security groups let members reach, beyond members. */
function reachOf(recording: Recording): Reached[] {
  const groups = ofType(recording, "aws:ec2/securityGroup:SecurityGroup");
  const members = ofType(recording, "aws:ec2/networkInterface:NetworkInterface").flatMap(
    ({ inputs }) => (inputs.securityGroups ?? []) as unknown[],
  );
  return ofType(recording, "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule")
    .filter(({ inputs }) => members.includes(inputs.securityGroupId))
    .filter(({ inputs }) => !members.includes(inputs.referencedSecurityGroupId))
    .map(({ inputs }) => {
      const { cidrIpv4, prefixListId, referencedSecurityGroupId, ipProtocol, fromPort, description } = inputs;
      const group = groups.find(({ id }) => id === referencedSecurityGroupId);
      return {
        to: String(cidrIpv4 ?? prefixListId ?? group?.name ?? referencedSecurityGroupId),
        protocol: String(ipProtocol),
        port: Number(fromPort),
        purpose: (description ?? group?.inputs.description ?? "") as string,
      };
    });
}

/** A line of the resource tree: a component, or how many resources of one type it holds. */
export interface TreeLine {
  depth: number;
  type: string;
  /** Name of a component; undefined for `count` resources of one type. */
  name?: string;
  count: number;
}

/** The tree of what is made: components by name, other resources counted by type. */
export function resourceTree(recording: Recording): TreeLine[] {
  const [stack] = ofType(recording, "pulumi:pulumi:Stack");
  return stack === undefined ? [] : below(recording, stack, 0);
}

function below(recording: Recording, parent: RecordedResource, depth: number): TreeLine[] {
  const children = childrenOf(recording, parent);
  const counts = new Map<string, number>();
  for (const { custom, type } of children) if (custom) counts.set(type, (counts.get(type) ?? 0) + 1);
  return [
    ...[...counts].sort().map(([type, count]) => ({ depth, type, count })),
    ...children
      .filter(({ custom }) => !custom)
      .flatMap((component) => [
        { depth, type: component.type, name: component.name, count: 1 },
        ...below(recording, component, depth + 1),
      ]),
  ];
}
