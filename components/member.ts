import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { memberDnsName } from "../contract/addresses";
import { allowedActions, policyDocument } from "../machine/allowedActions";
import { memberPkiParameters, pkiFiles } from "../contract/paths";
import { generationOf } from "../contract/records";
import { userData } from "../machine/userData";
import type { ClusterSpec, MemberSpec, Subnet } from "../spec";
import { regionOf, servicePrincipal } from "../spec/aws/partitions";
import { reservationOf } from "../spec/awsRules";
import { sizes, type SizeProfile } from "../spec/sizes";
import { dataVolume } from "./dataVolume";
import type { EtcdPki } from "./pki";
import { memberRecord } from "./records";
import { secureStrings } from "./secrets";
import { clusterTags, tagNames } from "../contract/tags";

export interface EtcdMemberArgs {
  /** The cluster that the member belongs to. */
  spec: ClusterSpec;
  member: MemberSpec;
  pki: EtcdPki;
  /** ARN of the cluster's KMS key. */
  keyArn: pulumi.Input<string>;
  securityGroupId: pulumi.Input<string>;
  placementGroupId: pulumi.Input<string>;
  /** Bucket for backups. */
  backupBucket?: pulumi.Input<string>;
  /** The record of the cluster, which the machine reads at boot. */
  desired: aws.ssm.Parameter;
  /** What machines need in their first minute and that does not follow from the other arguments. */
  bootsAfter?: pulumi.Resource[];
  /** Called before the machine is stopped, deleted or loses its volume; undefined if there are no hooks. */
  guard?: pulumi.ResourceHook;
  /** The previous member in the chain: this machine is made, changed and replaced only after that one's. */
  after?: EtcdMember;
}

/** What policies, plans and drills read about a member: plain values, known before anything is made. */
interface MemberInputs {
  cluster: string;
  name: string;
  version: string;
  subnet: string;
  zone: string;
  address: string;
  dnsName: string;
  size: ClusterSpec["size"];
  instanceType: string;
  volume: SizeProfile["volume"];
  replaces?: MemberSpec["replaces"];
}

/**
 * One etcd member: an identity that lasts (network interface with a fixed address, data volume, DNS name,
 * certificates) and a machine that can be replaced. The machine holds nothing that lasts, so a new machine on the same
 * volume is the same member.
 */
export class EtcdMember extends pulumi.ComponentResource {
  readonly dnsName: string;
  readonly address: string;
  readonly instanceId: pulumi.Output<string>;
  readonly volumeId: pulumi.Output<string>;
  /** Attached last, detached first: the next member's machine waits for it. */
  private readonly attachment: aws.ec2.VolumeAttachment;

  constructor(name: string, args: EtcdMemberArgs, opts?: pulumi.ComponentResourceOptions) {
    const { spec, member } = args;
    const subnet = spec.network.subnets[member.subnet]!;
    const inputs = memberInputs(spec, member, subnet);
    super("etcd:index:EtcdMember", name, inputs, opts);
    this.dnsName = inputs.dnsName;
    this.address = member.address;
    const tags = { ...clusterTags(spec, `${spec.cluster}-${member.name}`), [tagNames.member]: member.name };
    const child = { parent: this };
    const guard = args.guard ? [args.guard] : [];
    const reservation = reservationOf(spec, member);

    const networkInterface = new aws.ec2.NetworkInterface(
      name,
      {
        description: `etcd ${spec.cluster} ${member.name}`,
        subnetId: subnet.id,
        privateIps: [member.address],
        securityGroups: [args.securityGroupId],
        tags,
      },
      // Two interfaces cannot have the same address.
      { ...child, deleteBeforeReplace: true },
    );
    new aws.route53.Record(
      name,
      {
        zoneId: spec.network.privateZone.id,
        name: inputs.dnsName,
        type: "A",
        ttl: 60,
        records: [member.address],
      },
      child,
    );
    const volume = dataVolume(name, { spec, member: member.name, subnet, keyArn: args.keyArn }, child);
    const record = memberRecord(name, { spec, member, volumeId: volume.id, tags }, child);
    const secrets = this.secrets(name, args, tags);
    const { profile, policy } = this.role(name, args, tags);

    const instance = new aws.ec2.Instance(
      name,
      {
        ami: spec.machine.image,
        instanceType: inputs.instanceType,
        primaryNetworkInterface: { networkInterfaceId: networkInterface.id },
        iamInstanceProfile: profile.name,
        // AWS has no capacity reservations in a spread placement group.
        placementGroupId: reservation === undefined ? args.placementGroupId : undefined,
        userData: userData(spec, member),
        userDataReplaceOnChange: true,
        metadataOptions: { httpEndpoint: "enabled", httpTokens: "required", httpPutResponseHopLimit: 1 },
        rootBlockDevice: { encrypted: true, kmsKeyId: args.keyArn, volumeType: "gp3", tags },
        capacityReservationSpecification: reservation
          ? { capacityReservationTarget: { capacityReservationId: reservation } }
          : undefined,
        ebsOptimized: true,
        monitoring: true,
        tags: {
          ...tags,
          [tagNames.version]: spec.version,
          [tagNames.generation]: String(generationOf(spec)),
          [tagNames.deletionProtection]: String(spec.deletionProtection),
        },
      },
      {
        ...child,
        deleteBeforeReplace: true,
        hooks: { beforeDelete: guard, beforeUpdate: guard },
        // A booting machine must find itself declared and be able to read its secrets, and one machine moves at a time.
        dependsOn: [
          args.desired,
          record,
          ...secrets,
          policy,
          ...(args.bootsAfter ?? []),
          ...(args.after ? [args.after.attachment] : []),
        ],
      },
    );
    this.attachment = new aws.ec2.VolumeAttachment(
      name,
      {
        deviceName: "/dev/sdf",
        instanceId: instance.id,
        volumeId: volume.id,
        // The volume detaches with its machine, which shuts down in order first. To detach it, the provider would
        // stop the machine, and would fail for a machine that is gone, as when AWS had no capacity to replace it.
        skipDestroy: true,
      },
      // A replacement deletes the attachment first: a guard on the machine alone would come too late.
      { ...child, deleteBeforeReplace: true, hooks: { beforeDelete: guard } },
    );
    this.instanceId = instance.id;
    this.volumeId = volume.id;
    // Policies see the outputs of a component, not its inputs.
    this.registerOutputs({ ...inputs, instanceId: this.instanceId, volumeId: this.volumeId });
  }

  private secrets(name: string, { spec, member, pki, keyArn }: EtcdMemberArgs, tags: Record<string, string>) {
    const own = pki.members[member.name]!;
    return secureStrings(
      name,
      {
        prefix: memberPkiParameters(spec.cluster, member.name),
        keyArn,
        values: {
          [pkiFiles.peerCa]: pki.peerCaBundle,
          [pkiFiles.peerCert]: own.peer.cert,
          [pkiFiles.peerKey]: own.peer.key,
          [pkiFiles.clientCa]: pki.clientCaBundle,
          [pkiFiles.serverCert]: own.server.cert,
          [pkiFiles.serverKey]: own.server.key,
        },
        tags,
      },
      { parent: this, dependsOn: pki.authorities },
    );
  }

  private role(name: string, args: EtcdMemberArgs, tags: Record<string, string>) {
    const { spec, member, keyArn, backupBucket } = args;
    const child = { parent: this };
    const role = new aws.iam.Role(
      name,
      {
        description: `etcd ${spec.cluster} ${member.name}`,
        assumeRolePolicy: policyDocument([
          {
            Effect: "Allow",
            Principal: { Service: servicePrincipal(regionOf(spec), "ec2") },
            Action: "sts:AssumeRole",
          },
        ]),
        tags,
      },
      child,
    );
    const { accountId } = aws.getCallerIdentityOutput({}, child);
    const { region } = aws.getRegionOutput({}, child);
    const { partition } = aws.getPartitionOutput({}, child);
    const inS3 = (name: pulumi.Input<string>) => pulumi.interpolate`arn:${partition}:s3:::${name}`;
    const snapshot = /^s3:\/\/(.+)$/.exec(spec.restore?.snapshot ?? "")?.[1];
    const scope = {
      parameterArnPrefix: pulumi.interpolate`arn:${partition}:ssm:${region}:${accountId}:parameter`,
      cluster: spec.cluster,
      member: member.name,
      keyArn,
      bucketArn: backupBucket && inS3(backupBucket),
      snapshotArn: snapshot && inS3(snapshot),
    };
    const policy = new aws.iam.RolePolicy(
      name,
      {
        role: role.name,
        policy: pulumi.output(scope).apply((known) => policyDocument(allowedActions(known))),
      },
      child,
    );
    const profile = new aws.iam.InstanceProfile(name, { role: role.name, tags }, child);
    return { profile, policy };
  }
}

export interface RetiredMemberArgs {
  spec: ClusterSpec;
  /** Name of the member that another one replaced. */
  member: string;
  subnet: Subnet;
  keyArn: pulumi.Input<string>;
}

/**
 * What is left of a member that another one `replaces`: its data volume, kept but no longer protected, until
 * `replaces` is dropped. It has the member's own type and name, so the volume stays the same resource.
 */
export class RetiredMember extends pulumi.ComponentResource {
  readonly volumeId: pulumi.Output<string>;

  constructor(name: string, args: RetiredMemberArgs, opts?: pulumi.ComponentResourceOptions) {
    const inputs = { cluster: args.spec.cluster, name: args.member, retired: true };
    super("etcd:index:EtcdMember", name, inputs, opts);
    this.volumeId = dataVolume(name, { ...args, retired: true }, { parent: this }).id;
    this.registerOutputs({ ...inputs, volumeId: this.volumeId });
  }
}

function memberInputs(spec: ClusterSpec, member: MemberSpec, subnet: Subnet): MemberInputs {
  const profile = sizes[spec.size];
  return {
    cluster: spec.cluster,
    name: member.name,
    version: spec.version,
    subnet: member.subnet,
    zone: subnet.zone,
    address: member.address,
    dnsName: memberDnsName(spec, member.name),
    size: spec.size,
    instanceType: member.fallback
      ? spec.machine.fallbackInstanceType!
      : profile.instanceType[spec.machine.architecture],
    volume: profile.volume,
    replaces: member.replaces,
  };
}
