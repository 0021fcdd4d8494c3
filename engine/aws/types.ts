import type { Properties } from "../../record/values";

/** What AWS does with a type besides keeping its arguments. */
export interface TypeRules {
  /** Arguments whose change makes the provider replace the resource; a dot leads into an object. */
  replacedBy: readonly string[];
  /** Lists that replace the resource if they lose an item, and grow in place. */
  replacedByLosing?: readonly string[];
  /** Arguments that no two resources of the type may share; a question mark means that they are optional. */
  unique?: readonly string[];
  /** Types whose arguments must not mention the id when the resource is deleted. */
  usedBy?: readonly string[];
}

export const instance = "aws:ec2/instance:Instance";
const networkInterface = "aws:ec2/networkInterface:NetworkInterface";
export const attachment = "aws:ec2/volumeAttachment:VolumeAttachment";
export const object = "aws:s3/bucketObjectv2:BucketObjectv2";
const listener = "aws:lb/listener:Listener";
const ofBucket: TypeRules = { replacedBy: ["bucket"], unique: ["bucket"] };

/** EC2 accepts a rule of a security group only once: InvalidPermission.Duplicate. */
const ofSecurityGroup: TypeRules = {
  replacedBy: ["securityGroupId"],
  unique: [
    "securityGroupId",
    "ipProtocol",
    "fromPort?",
    "toPort?",
    "cidrIpv4?",
    "cidrIpv6?",
    "prefixListId?",
    "referencedSecurityGroupId?",
  ],
};

/**
 * The types that the program uses. What replaces them follows the AWS provider's documentation and source
 * (terraform-provider-aws, internal/service/…). It is not verified against the provider itself, except where marked as
 * tried.
 */
export const types: Readonly<Record<string, TypeRules>> = {
  "aws:cloudwatch/metricAlarm:MetricAlarm": { replacedBy: ["name"], unique: ["name"] },
  "aws:dlm/lifecyclePolicy:LifecyclePolicy": { replacedBy: [] },
  "aws:ebs/volume:Volume": {
    replacedBy: [
      "availabilityZone",
      "encrypted",
      "kmsKeyId",
      "snapshotId",
      "outpostArn",
      "multiAttachEnabled",
    ],
    usedBy: [attachment],
  },
  [instance]: {
    replacedBy: [
      "ami",
      "availabilityZone",
      "keyName",
      "placementGroup",
      "placementGroupId",
      "primaryNetworkInterface",
      "privateIp",
      "rootBlockDevice.encrypted",
      "rootBlockDevice.kmsKeyId",
      "subnetId",
      // User data is a special case: userDataReplaceOnChange.
    ],
  },
  [networkInterface]: {
    replacedBy: ["subnetId", "privateIps"],
    unique: ["subnetId", "privateIps"],
    usedBy: [instance],
  },
  "aws:ec2/placementGroup:PlacementGroup": {
    replacedBy: ["name", "strategy", "partitionCount", "spreadLevel"],
    unique: ["name"],
    usedBy: [instance],
  },
  "aws:ec2/securityGroup:SecurityGroup": {
    replacedBy: ["name", "description", "vpcId"],
    usedBy: [networkInterface, "aws:lb/loadBalancer:LoadBalancer", "aws:ec2/vpcEndpoint:VpcEndpoint"],
  },
  [attachment]: {
    replacedBy: ["deviceName", "instanceId", "volumeId"],
    unique: ["volumeId"],
  },
  "aws:ec2/vpcEndpoint:VpcEndpoint": { replacedBy: ["vpcId", "serviceName", "vpcEndpointType"] },
  "aws:iam/instanceProfile:InstanceProfile": {
    replacedBy: ["name", "path"],
    unique: ["name"],
    usedBy: [instance],
  },
  "aws:iam/policy:Policy": { replacedBy: ["name", "path", "description"] },
  "aws:iam/role:Role": {
    replacedBy: ["name", "path"],
    usedBy: ["aws:iam/instanceProfile:InstanceProfile", "aws:iam/rolePolicy:RolePolicy"],
  },
  "aws:iam/rolePolicy:RolePolicy": { replacedBy: ["role", "name"] },
  "aws:iam/rolePolicyAttachment:RolePolicyAttachment": { replacedBy: ["role", "policyArn"] },
  "aws:kms/alias:Alias": { replacedBy: ["name"], unique: ["name"] },
  "aws:kms/key:Key": { replacedBy: ["customerMasterKeySpec", "keyUsage", "multiRegion"] },
  [listener]: { replacedBy: ["loadBalancerArn"], unique: ["loadBalancerArn", "port"] },
  "aws:lb/loadBalancer:LoadBalancer": {
    replacedBy: ["name", "internal", "loadBalancerType"],
    // Tried with 6.48, and elbv2/load_balancer.go, customizeDiffLoadBalancerNLB: subnets can only be added, and the
    // last security group cannot be removed.
    replacedByLosing: ["subnets"],
    unique: ["name"],
  },
  "aws:lb/targetGroup:TargetGroup": {
    replacedBy: ["name", "port", "protocol", "targetType", "vpcId"],
    unique: ["name"],
    usedBy: [listener],
  },
  "aws:lb/targetGroupAttachment:TargetGroupAttachment": {
    replacedBy: ["targetGroupArn", "targetId", "port", "availabilityZone"],
    unique: ["targetGroupArn", "targetId", "port"],
  },
  "aws:route53/record:Record": { replacedBy: ["zoneId", "name"], unique: ["zoneId", "name", "type"] },
  "aws:s3/bucket:Bucket": { replacedBy: ["bucket", "bucketPrefix"], unique: ["bucket"] },
  // Not part of the program, but in its bucket.
  [object]: { replacedBy: ["bucket", "key"] },
  "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": ofBucket,
  "aws:s3/bucketOwnershipControls:BucketOwnershipControls": ofBucket,
  "aws:s3/bucketPolicy:BucketPolicy": ofBucket,
  "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": ofBucket,
  "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": ofBucket,
  "aws:s3/bucketVersioning:BucketVersioning": ofBucket,
  "aws:ssm/parameter:Parameter": { replacedBy: ["name"], unique: ["name"] },
  "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule": ofSecurityGroup,
  "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": ofSecurityGroup,
};

/**
 * What AWS does with a type.
 * @throws Error if the table lacks the type
 */
export function rulesOf(type: string): TypeRules {
  const rules = types[type];
  if (rules === undefined) {
    throw new Error(`${type}: the stand-in does not know what replaces it; add it to engine/aws/types.ts`);
  }
  return rules;
}

/** Top-level arguments that differ, each with whether the provider would replace the resource for it. */
export function differences(type: string, before: Properties, after: Properties): Map<string, boolean> {
  const { replacedBy, replacedByLosing = [] } = rulesOf(type);
  const names = new Set(
    [...Object.keys(before), ...Object.keys(after)].filter((name) => !name.startsWith("__")),
  );
  const changed = [...names].filter((name) => !same(before[name], after[name]));
  const replaces = (name: string) =>
    /^userData(Base64)?$/.test(name)
      ? after.userDataReplaceOnChange === true
      : (replacedByLosing.includes(name) && loses(before[name], after[name])) ||
        replacedBy.some((path) => {
          const [first, inner] = path.split(".");
          return (
            first === name &&
            (inner === undefined || !same(field(before[name], inner), field(after[name], inner)))
          );
        });
  return new Map(changed.map((name) => [name, replaces(name)]));
}

/** Whether a list lacks an item that it had. */
function loses(before: unknown, after: unknown): boolean {
  const [had, has] = [before, after].map((list) => (Array.isArray(list) ? list.map(canonical) : undefined));
  return had === undefined || has === undefined || had.some((part) => !has.includes(part));
}

/**
 * Whether a resource is deleted before its replacement is made. The provider's bridge does so if the name was given and
 * not generated (pulumi-terraform-bridge, nameRequiresDeleteBeforeReplace).
 */
export function deletedBeforeReplace(before: Properties, after: Properties): boolean {
  return typeof after.name === "string" && before.name === after.name;
}

function field(value: unknown, name: string): unknown {
  return (value as Properties | null | undefined)?.[name];
}

/** Whether two arguments are equal; null counts as not given. */
function same(a: unknown, b: unknown): boolean {
  return canonical(a) === canonical(b);
}

function canonical(value: unknown): string {
  return JSON.stringify(value ?? null, (_, inner: unknown) =>
    inner === null || typeof inner !== "object" || Array.isArray(inner)
      ? inner
      : Object.fromEntries(
          Object.entries(inner)
            .filter(([, member]) => member !== null)
            .sort(([one], [other]) => (one < other ? -1 : 1)),
        ),
  );
}
