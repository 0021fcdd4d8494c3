import { createHash } from "node:crypto";
import { suffix } from "../spec/aws/names";
import { findPartition, partitionOf, type Partition } from "../spec/aws/partitions";
import type { Properties } from "./values";

/** The account number if no account is asked. AWS uses this number in its own examples. */
const account = "123456789012";

/** Prefixes of EC2's ids. */
const idPrefixes: Readonly<Record<string, string>> = {
  "aws:ec2/instance:Instance": "i",
  "aws:ec2/networkInterface:NetworkInterface": "eni",
  "aws:ec2/securityGroup:SecurityGroup": "sg",
  "aws:ec2/placementGroup:PlacementGroup": "pg",
  "aws:ec2/vpcEndpoint:VpcEndpoint": "vpce",
  "aws:ebs/volume:Volume": "vol",
  "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": "sgr",
  "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule": "sgr",
};

/** Another program may name a region that is in no table here. */
function partitionIn(region: string): Partition {
  return findPartition(region) ?? partitionOf("us-east-1");
}

/** What AWS would add to a resource: id, ARN and the names that other resources read. Same input, same answer. */
export function awsAnswer(type: string, name: string, region: string, inputs: Properties) {
  const { id: partition, dnsSuffix } = partitionIn(region);
  const digest = createHash("sha256").update(`${type} ${name}`).digest("hex");
  const id =
    idPrefixes[type] === undefined
      ? `${name}-${digest.slice(0, 7)}`
      : `${idPrefixes[type]}-${digest.slice(0, 17)}`;
  const service = type.split(":")[1]!.split("/")[0]!;
  const arn = (resource: string) => `arn:${partition}:${service}:${region}:${account}:${resource}`;
  const common = { name: id, arn: arn(id), ...inputs };
  switch (type) {
    case "aws:kms/key:Key": {
      const keyId = [8, 4, 4, 4, 12]
        .reduce(
          ({ text, at }, length) => ({ text: `${text}-${digest.slice(at, at + length)}`, at: at + length }),
          { text: "", at: 0 },
        )
        .text.slice(1);
      return { id: keyId, outputs: { ...inputs, keyId, arn: arn(`key/${keyId}`) } };
    }
    case "aws:ssm/parameter:Parameter":
      return { id: String(inputs.name), outputs: { ...inputs, arn: arn(`parameter${String(inputs.name)}`) } };
    case "aws:s3/bucket:Bucket": {
      const prefix = typeof inputs.bucketPrefix === "string" ? inputs.bucketPrefix : `${name}-`;
      const bucket = `${prefix}${digest.slice(0, suffix.provider)}`;
      return { id: bucket, outputs: { bucket, ...inputs, arn: `arn:${partition}:s3:::${bucket}` } };
    }
    case "aws:iam/role:Role":
    case "aws:iam/policy:Policy": {
      const kind = type.endsWith("Role") ? "role" : "policy";
      return { id, outputs: { ...common, arn: `arn:${partition}:iam::${account}:${kind}/${id}` } };
    }
    case "aws:ec2/placementGroup:PlacementGroup":
      return { id: name, outputs: { ...common, placementGroupId: id } };
    case "aws:lb/loadBalancer:LoadBalancer": {
      const dnsName = `${id}.elb.${region}.${dnsSuffix}`;
      return {
        id: arn(id),
        outputs: {
          ...common,
          dnsName,
          zoneId: `Z${digest.slice(0, 13).toUpperCase()}`,
          arnSuffix: `net/${name}/${digest.slice(0, 16)}`,
        },
      };
    }
    case "aws:lb/targetGroup:TargetGroup":
      return {
        id: arn(id),
        outputs: { ...common, arnSuffix: `targetgroup/${name}/${digest.slice(0, 16)}` },
      };
    default:
      return { id, outputs: common };
  }
}

/** Answers to the functions of @pulumi/aws that a declaration may call; undefined for others. */
export function awsInvoke(token: string, region: string): Properties | undefined {
  const { id: partition, dnsSuffix, reverseDnsPrefix } = partitionIn(region);
  switch (token) {
    case "aws:index/getCallerIdentity:getCallerIdentity":
      return {
        id: account,
        accountId: account,
        arn: `arn:${partition}:iam::${account}:root`,
        userId: account,
      };
    case "aws:index/getRegion:getRegion":
      return {
        id: region,
        name: region,
        region,
        description: region,
        endpoint: `ec2.${region}.${dnsSuffix}`,
      };
    case "aws:index/getPartition:getPartition":
      return { id: partition, partition, dnsSuffix, reverseDnsPrefix };
    // No bucket is read: it counts as empty.
    case "aws:s3/getObjects:getObjects":
      return { id: region, region, keys: [], commonPrefixes: [], owners: [], requestCharged: "" };
    default:
      return undefined;
  }
}
