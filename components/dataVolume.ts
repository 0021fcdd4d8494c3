import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { clusterTags, tagNames } from "../contract/tags";
import type { ClusterSpec, Subnet } from "../spec";
import { sizes } from "../spec/sizes";

interface DataVolumeArgs {
  spec: ClusterSpec;
  /** Name of the member whose data it holds. */
  member: string;
  subnet: Subnet;
  /** ARN of the cluster's KMS key. */
  keyArn: pulumi.Input<string>;
  /** Whether another member has taken this one's place. */
  retired?: boolean;
}

/** The volume with a member's data: in the subnet's zone, sized by the profile, encrypted, protected. */
export function dataVolume(
  name: string,
  args: DataVolumeArgs,
  opts: pulumi.CustomResourceOptions,
): aws.ebs.Volume {
  const { spec, member } = args;
  const { type, sizeGiB, iops, throughput } = sizes[spec.size].volume;
  return new aws.ebs.Volume(
    name,
    {
      availabilityZone: args.subnet.zone,
      type,
      size: sizeGiB,
      iops,
      throughput,
      encrypted: true,
      kmsKeyId: args.keyArn,
      tags: {
        ...clusterTags(spec, `${spec.cluster}-${member}-data`),
        [tagNames.member]: member,
        [tagNames.dataVolume]: spec.cluster,
      },
    },
    {
      ...opts,
      protect: spec.deletionProtection && !args.retired,
      // A volume does not move, and nothing protects a retired one: a `replaces` that does not say where it lies would
      // replace it with an empty one.
      ignoreChanges: args.retired ? ["availabilityZone"] : undefined,
    },
  );
}
