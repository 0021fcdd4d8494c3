import { createHmac } from "node:crypto";
import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import * as tls from "@pulumi/tls";
import { memberDnsName } from "../contract/addresses";
import { desiredParameter, foundingParameter, memberParameter } from "../contract/paths";
import { desiredRecord, foundingRecord, generationOf, type MemberRecord } from "../contract/records";
import { clusterTags } from "../contract/tags";
import type { ClusterSpec, MemberSpec } from "../spec";
import { latestBackup } from "./latestBackup";

export interface EtcdRecordsArgs {
  spec: ClusterSpec;
  /** ARN of the cluster's KMS key, which names the cluster's incarnation. */
  keyArn: pulumi.Input<string>;
  /** Bucket for backups. */
  backupBucket?: pulumi.Input<string>;
}

/**
 * What Pulumi tells the machines about the cluster: a parameter that they read at boot and on a timer. So what changes
 * (generation, list of members, limits) is not in user data and replaces no machine.
 */
export class EtcdRecords extends pulumi.ComponentResource {
  readonly desired: aws.ssm.Parameter;

  constructor(name: string, args: EtcdRecordsArgs, opts?: pulumi.ComponentResourceOptions) {
    const { spec } = args;
    super("etcd:index:EtcdRecords", name, { cluster: spec.cluster }, opts);
    const record = pulumi
      .all([args.keyArn, args.backupBucket])
      .apply(([arn, bucket]) => desiredRecord(spec, arn.slice(arn.lastIndexOf("/") + 1), bucket));
    const founding = this.founding(name, spec, args.backupBucket);
    this.desired = new aws.ssm.Parameter(
      `${name}-desired`,
      {
        name: desiredParameter(spec.cluster),
        type: aws.ssm.ParameterType.String,
        value: record.apply((value) => JSON.stringify(value)),
        tags: clusterTags(spec, `${spec.cluster}-etcd`),
      },
      // Anybody who reads that a generation is declared must find its declaration.
      { parent: this, dependsOn: founding },
    );
    this.registerOutputs({ desired: this.desired.name });
  }

  /**
   * What the generation is declared as. Like the generation itself, it keeps its first value: a member added later
   * founded nothing. Its nonce comes from a key that no machine has, so nobody can write the generation's record
   * before this exists.
   */
  private founding(name: string, spec: ClusterSpec, backupBucket?: pulumi.Input<string>): aws.ssm.Parameter {
    const generation = generationOf(spec);
    const snapshot =
      spec.restore?.snapshot === "latest" && backupBucket !== undefined
        ? pulumi.output(backupBucket).apply((bucket) => latestBackup(bucket, { parent: this }))
        : spec.restore;
    const key = new tls.PrivateKey(
      `${name}-founding`,
      { algorithm: "ECDSA", ecdsaCurve: "P256" },
      { parent: this },
    );
    const nonce = (pem: string) =>
      createHmac("sha256", pem).update(String(generation)).digest("hex").slice(0, 32);
    return new aws.ssm.Parameter(
      `${name}-founding-${generation}`,
      {
        name: foundingParameter(spec.cluster, generation),
        type: aws.ssm.ParameterType.String,
        value: pulumi
          .all([key.privateKeyPem, snapshot])
          .apply(([pem, declared]) => JSON.stringify(foundingRecord(spec, nonce(pem), declared))),
        tags: clusterTags(spec, `${spec.cluster}-etcd`),
      },
      { parent: this, ignoreChanges: ["value"] },
    );
  }
}

/** What Pulumi tells a member's machine about itself. */
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
      value: args.volumeId.apply((volume) =>
        JSON.stringify({ version: 1, volume, ...identity } satisfies MemberRecord),
      ),
      tags: args.tags,
    },
    opts,
  );
}
