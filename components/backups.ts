import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { backupBucketPolicy, policyDocument } from "../machine/allowedActions";
import type { ClusterSpec } from "../spec";
import { clusterTags } from "../contract/tags";

export interface EtcdBackupsArgs extends Pick<
  ClusterSpec,
  "cluster" | "environment" | "tags" | "backups" | "deletionProtection"
> {
  /** ARN of the cluster's KMS key. */
  keyArn: pulumi.Input<string>;
}

/**
 * The bucket for etcd's snapshots: versioned, encrypted with the cluster's key, closed to the public, reached only
 * over TLS, and emptied by age. A snapshot holds every Secret of the cluster.
 */
export class EtcdBackups extends pulumi.ComponentResource {
  readonly bucket: pulumi.Output<string>;

  constructor(name: string, args: EtcdBackupsArgs, opts?: pulumi.ComponentResourceOptions) {
    const inputs = { cluster: args.cluster, ...args.backups };
    super("etcd:index:EtcdBackups", name, inputs, opts);
    const child = { parent: this };
    const store = new aws.s3.Bucket(
      name,
      {
        bucketPrefix: `${args.cluster}-etcd-backups-`,
        tags: clusterTags(args, `${args.cluster}-etcd-backups`),
      },
      { ...child, protect: args.deletionProtection },
    );
    const bucket = store.bucket;
    new aws.s3.BucketVersioning(name, { bucket, versioningConfiguration: { status: "Enabled" } }, child);
    new aws.s3.BucketServerSideEncryptionConfiguration(
      name,
      {
        bucket,
        rules: [
          {
            applyServerSideEncryptionByDefault: { sseAlgorithm: "aws:kms", kmsMasterKeyId: args.keyArn },
            bucketKeyEnabled: true,
          },
        ],
      },
      child,
    );
    const closed = new aws.s3.BucketPublicAccessBlock(
      name,
      {
        bucket,
        blockPublicAcls: true,
        blockPublicPolicy: true,
        ignorePublicAcls: true,
        restrictPublicBuckets: true,
      },
      child,
    );
    new aws.s3.BucketOwnershipControls(
      name,
      { bucket, rule: { objectOwnership: "BucketOwnerEnforced" } },
      child,
    );
    new aws.s3.BucketPolicy(
      name,
      {
        bucket,
        policy: store.arn.apply((arn) => policyDocument(backupBucketPolicy(arn))),
      },
      // S3 accepts one change of a bucket's access at a time.
      { ...child, dependsOn: [closed] },
    );
    new aws.s3.BucketLifecycleConfiguration(
      name,
      {
        bucket,
        rules: [
          {
            id: "retention",
            status: "Enabled",
            filter: { prefix: "" },
            expiration: { days: args.backups.retention },
            // You can get back a snapshot deleted or overwritten by mistake for the same time again.
            noncurrentVersionExpiration: { noncurrentDays: args.backups.retention },
            abortIncompleteMultipartUpload: { daysAfterInitiation: 1 },
          },
        ],
      },
      child,
    );
    this.bucket = bucket;
    // Policies see the outputs of a component, not its inputs.
    this.registerOutputs({ ...inputs, bucket: this.bucket });
  }
}
