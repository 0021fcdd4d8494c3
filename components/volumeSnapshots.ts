import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { policyDocument } from "../machine/allowedActions";
import type { ClusterSpec } from "../spec";
import { regionOf, servicePrincipal } from "../spec/aws/partitions";
import { isLifecycleTagKey } from "../spec/aws/tags";
import { clusterTags, tagNames } from "../contract/tags";

export type VolumeSnapshotScheduleArgs = Pick<
  ClusterSpec,
  "cluster" | "environment" | "tags" | "volumeSnapshots" | "network"
>;

/**
 * EBS snapshots of every data volume of a cluster, by Data Lifecycle Manager. One tag selects the volumes: DLM takes
 * those that match any of its target tags, so a second tag would only widen the selection.
 */
export class VolumeSnapshotSchedule extends pulumi.ComponentResource {
  constructor(name: string, args: VolumeSnapshotScheduleArgs, opts?: pulumi.ComponentResourceOptions) {
    super(
      "etcd:index:VolumeSnapshotSchedule",
      name,
      { cluster: args.cluster, ...args.volumeSnapshots },
      opts,
    );
    const tags = clusterTags(args, `${args.cluster}-etcd-volume-snapshots`);
    const child = { parent: this };
    const role = new aws.iam.Role(
      name,
      {
        description: `EBS snapshots of etcd cluster ${args.cluster}`,
        assumeRolePolicy: policyDocument([
          {
            Effect: "Allow",
            Principal: { Service: servicePrincipal(regionOf(args), "dlm") },
            Action: "sts:AssumeRole",
          },
        ]),
        tags,
      },
      child,
    );
    const { partition } = aws.getPartitionOutput({}, child);
    new aws.iam.RolePolicyAttachment(
      name,
      {
        role: role.name,
        policyArn: pulumi.interpolate`arn:${partition}:iam::aws:policy/service-role/AWSDataLifecycleManagerServiceRole`,
      },
      child,
    );
    new aws.dlm.LifecyclePolicy(
      name,
      {
        description: `EBS snapshots of etcd cluster ${args.cluster}`,
        executionRoleArn: role.arn,
        state: "ENABLED",
        policyDetails: {
          resourceTypes: ["VOLUME"],
          targetTags: { [tagNames.dataVolume]: args.cluster },
          schedules: [
            {
              name: "data-volumes",
              createRule: { interval: args.volumeSnapshots.interval, intervalUnit: "HOURS" },
              retainRule: { count: args.volumeSnapshots.retain },
              copyTags: true,
            },
          ],
        },
        tags: Object.fromEntries(Object.entries(tags).filter(([key]) => isLifecycleTagKey(key))),
      },
      child,
    );
    this.registerOutputs({});
  }
}
