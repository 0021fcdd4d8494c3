import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { memberDnsName } from "../machine/addresses";
import { desiredParameter, memberParameter } from "../machine/paths";
import { desiredRecord, type MemberRecord } from "../machine/records";
import type { ClusterSpec, MemberSpec } from "../spec";
import { clusterTags } from "./tags";

export interface EtcdRecordsArgs {
  spec: ClusterSpec;
  /** ARN of the cluster's KMS key, which names the cluster's incarnation. */
  keyArn: pulumi.Input<string>;
  /** Bucket for backups. */
  backupBucket?: pulumi.Input<string>;
}

/**
 * What Pulumi tells the machines of the cluster: a parameter that they read at boot and by a timer, so that
 * what moves (generation, list of members, limits) is in no user data and replaces no machine.
 */
export class EtcdRecords extends pulumi.ComponentResource {
  readonly desired: aws.ssm.Parameter;

  constructor(name: string, args: EtcdRecordsArgs, opts?: pulumi.ComponentResourceOptions) {
    const { spec } = args;
    super("etcd:index:EtcdRecords", name, { cluster: spec.cluster }, opts);
    const record = pulumi
      .all([args.keyArn, args.backupBucket])
      .apply(([arn, bucket]) => desiredRecord(spec, arn.slice(arn.lastIndexOf("/") + 1), bucket));
    this.desired = new aws.ssm.Parameter(
      `${name}-desired`,
      {
        name: desiredParameter(spec.cluster),
        type: aws.ssm.ParameterType.String,
        value: record.apply((value) => JSON.stringify(value)),
        tags: clusterTags(spec, `${spec.cluster}-etcd`),
      },
      { parent: this },
    );
    this.registerOutputs({ desired: this.desired.name });
  }
}

/** What Pulumi tells a member's machine of itself. */
export function memberRecord(
  name: string,
  args: {
    spec: ClusterSpec;
    member: MemberSpec;
    volumeId: pulumi.Output<string>;
    tags: Record<string, string>;
  },
  opts: pulumi.CustomResourceOptions,
): aws.ssm.Parameter {
  const { spec, member } = args;
  const identity = { address: member.address, dnsName: memberDnsName(spec, member.name) };
  return new aws.ssm.Parameter(
    `${name}-record`,
    {
      name: memberParameter(spec.cluster, member.name),
      type: aws.ssm.ParameterType.String,
      value: args.volumeId.apply((volume) => JSON.stringify({ volume, ...identity } satisfies MemberRecord)),
      tags: args.tags,
    },
    opts,
  );
}
