import { tagNames } from "../../contract/tags";
import type { Statement } from "../../machine/allowedActions";
import { ofType, type RecordedResource, type Recording } from "../../record/recording";
import { reveal } from "../../record/values";

/** One machine as AWS would make it from an instance, its interface, its attachment and its role. */
export interface DeclaredMachine {
  /** The member that it carries, by its tag. */
  member: string;
  tags: Readonly<Record<string, string>>;
  address: string;
  securityGroups: string[];
  /** Id of the data volume that is attached to it, and its size in GiB. */
  volume: { id: string; sizeGiB: number };
  /** The text that cloud-init gets. */
  userData: string;
  /** Name of its role, and what the role may do. */
  role: { name: string; statements: Statement[] };
}

/** One rule of a security group: who may connect where. */
export interface FirewallRule {
  direction: "in" | "out";
  /** The group that the rule belongs to. */
  group: string;
  /** The other side: a security group's id, or a range. */
  peer: string;
  fromPort: number;
  toPort: number;
}

export interface DnsRecord {
  name: string;
  type: string;
  values: string[];
}

export interface Balancer {
  dnsName: string;
  securityGroups: string[];
  targetGroupArn: string;
  listenerPort: number;
  targets: { address: string; port: number }[];
  check: { path: string; port: number };
}

/** Everything that machines on this computer need to know about a recorded stack: plain data, no program. */
export interface Estate {
  region: string;
  cluster: string;
  /** ARN of the cluster's KMS key. */
  keyArn: string;
  machines: DeclaredMachine[];
  firewall: FirewallRule[];
  dns: DnsRecord[];
  balancer?: Balancer;
  /** `settled`: a value that keeps its first content, whatever is declared later. */
  parameters: { name: string; value: string; type: string; settled: boolean }[];
  bucket: string;
  /** Security group of the API servers, and of monitoring if there is one. */
  apiServerGroup: string;
  monitoringGroup?: string;
  /** `statements`: what the role of their machines may do. */
  apiServer: { flags: string[]; files: Record<string, string>; statements: Statement[] };
}

/** Reads a recorded stack as AWS would have made it. */
export function estateOf(recording: Recording): Estate {
  const byId = (type: string, id: unknown) => {
    const found = ofType(recording, type).find((resource) => resource.id === id);
    if (found === undefined) throw new Error(`the recorded stack has no ${type} ${String(id)}`);
    return found;
  };
  const [cluster] = ofType(recording, "etcd:index:EtcdCluster");
  const name = String(cluster!.inputs.cluster);
  const network = cluster!.inputs.network as {
    apiServerSecurityGroups: string[];
    monitoringSecurityGroups: string[];
  };
  const keyArn = String(ofType(recording, "aws:kms/key:Key")[0]!.outputs.arn);
  const parameters = ofType(recording, "aws:ssm/parameter:Parameter").map(({ inputs, options }) => ({
    name: String(inputs.name),
    value: String(inputs.insecureValue ?? reveal(inputs.value)),
    type: String(inputs.type),
    settled: options.ignoreChanges?.includes("value") ?? false,
  }));
  const { flags } = recording.outputs.apiServer as { flags: string[] };
  return {
    // Every ARN contains it.
    region: keyArn.split(":")[3]!,
    cluster: name,
    keyArn,
    machines: ofType(recording, "aws:ec2/instance:Instance").map((instance) => machine(instance)),
    firewall: [
      ...rules(recording, "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule", "in"),
      ...rules(recording, "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule", "out"),
    ],
    dns: ofType(recording, "aws:route53/record:Record")
      .filter(({ inputs }) => inputs.records !== undefined)
      .map(({ inputs }) => ({
        name: String(inputs.name),
        type: String(inputs.type),
        values: inputs.records as string[],
      })),
    balancer: balancer(recording),
    parameters,
    bucket: String(ofType(recording, "aws:s3/bucket:Bucket")[0]!.outputs.bucket),
    apiServerGroup: network.apiServerSecurityGroups[0]!,
    monitoringGroup: network.monitoringSecurityGroups[0],
    apiServer: {
      flags,
      files: Object.fromEntries(
        parameters
          .filter(({ name: each }) => each.startsWith(`/etcd/${name}/pki/clients/apiserver/`))
          .map(({ name: each, value }) => [each.slice(each.lastIndexOf("/") + 1), value]),
      ),
      statements: ofType(recording, "aws:iam/policy:Policy").flatMap(
        ({ inputs }) => (JSON.parse(String(inputs.policy)) as { Statement: Statement[] }).Statement,
      ),
    },
  };

  function machine(instance: RecordedResource): DeclaredMachine {
    const { inputs } = instance;
    const { networkInterfaceId } = inputs.primaryNetworkInterface as { networkInterfaceId: string };
    const networkInterface = byId("aws:ec2/networkInterface:NetworkInterface", networkInterfaceId).inputs;
    const attachment = ofType(recording, "aws:ec2/volumeAttachment:VolumeAttachment").find(
      (each) => each.inputs.instanceId === instance.id,
    )!;
    const volume = byId("aws:ebs/volume:Volume", attachment.inputs.volumeId);
    const profile = byId("aws:iam/instanceProfile:InstanceProfile", inputs.iamInstanceProfile);
    const role = String(profile.inputs.role);
    const tags = inputs.tags as Record<string, string>;
    return {
      member: tags[tagNames.member]!,
      tags,
      address: (networkInterface.privateIps as string[])[0]!,
      securityGroups: networkInterface.securityGroups as string[],
      volume: { id: volume.id!, sizeGiB: Number(volume.inputs.size) },
      userData: String(inputs.userData),
      role: {
        name: role,
        statements: ofType(recording, "aws:iam/rolePolicy:RolePolicy")
          .filter((policy) => policy.inputs.role === role)
          .flatMap(
            (policy) => (JSON.parse(String(policy.inputs.policy)) as { Statement: Statement[] }).Statement,
          ),
      },
    };
  }
}

function rules(recording: Recording, type: string, direction: "in" | "out"): FirewallRule[] {
  return ofType(recording, type).map(({ inputs }) => ({
    direction,
    group: String(inputs.securityGroupId),
    peer: String(inputs.referencedSecurityGroupId ?? inputs.cidrIpv4),
    fromPort: Number(inputs.fromPort),
    toPort: Number(inputs.toPort),
  }));
}

function balancer(recording: Recording): Balancer | undefined {
  const [load] = ofType(recording, "aws:lb/loadBalancer:LoadBalancer");
  if (load === undefined) return undefined;
  const [group] = ofType(recording, "aws:lb/targetGroup:TargetGroup");
  const [listener] = ofType(recording, "aws:lb/listener:Listener");
  const alias = ofType(recording, "aws:route53/record:Record").find(
    ({ inputs }) => inputs.aliases !== undefined,
  );
  const check = group!.inputs.healthCheck as { path: string; port: string };
  return {
    dnsName: String(alias!.inputs.name),
    securityGroups: load.inputs.securityGroups as string[],
    targetGroupArn: group!.id!,
    listenerPort: Number(listener!.inputs.port),
    targets: ofType(recording, "aws:lb/targetGroupAttachment:TargetGroupAttachment").map(({ inputs }) => ({
      address: String(inputs.targetId),
      port: Number(inputs.port),
    })),
    check: { path: check.path, port: Number(check.port) },
  };
}
