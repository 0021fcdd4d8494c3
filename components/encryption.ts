import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { ClusterSpec } from "../spec";
import { clusterTags } from "../contract/tags";

export type EtcdEncryptionArgs = Pick<ClusterSpec, "cluster" | "environment" | "tags" | "deletionProtection">;

/**
 * The cluster's customer-managed KMS key: for secrets in Parameter Store, data volumes and backups. It has AWS'
 * default policy, which leaves decisions to the account's IAM policies.
 */
export class EtcdEncryption extends pulumi.ComponentResource {
  readonly keyArn: pulumi.Output<string>;

  constructor(name: string, args: EtcdEncryptionArgs, opts?: pulumi.ComponentResourceOptions) {
    super("etcd:index:EtcdEncryption", name, { cluster: args.cluster }, opts);
    const key = new aws.kms.Key(
      `${name}-key`,
      {
        description: `etcd cluster ${args.cluster}: secrets, volumes, backups`,
        enableKeyRotation: true,
        // The longest window that KMS offers: without the key, every backup is lost as well.
        deletionWindowInDays: 30,
        tags: clusterTags(args, `${args.cluster}-etcd`),
      },
      { parent: this, protect: args.deletionProtection },
    );
    new aws.kms.Alias(
      `${name}-key`,
      { name: `alias/etcd/${args.cluster}`, targetKeyId: key.keyId },
      { parent: this },
    );
    this.keyArn = key.arn;
    this.registerOutputs({ keyArn: this.keyArn });
  }
}
