import { clusterDomain } from "../../contract/addresses";
import { alarmName, statusAlarm } from "../../contract/alarms";
import { clusterParameters } from "../../contract/paths";
import { tagNames } from "../../contract/tags";
import { ofType, type RecordedResource, type Recording } from "../../record/recording";
import type { ClusterSpec } from "../../spec";
import { suffix } from "../../spec/aws/names";
import { partitionOf, regionOf } from "../../spec/aws/partitions";

/** What a statement covers: its resources, and the conditions that must hold. */
export interface Scope {
  Resource: string[];
  Condition?: Record<string, Record<string, string | string[]>>;
}

/** A recorded stack, which resources are named after. */
export interface Deployed {
  recording: Recording;
  spec: ClusterSpec;
}

/** Kinds of resources that EC2 tags when it makes them; its later actions refer to the same kinds. */
const ec2Kinds = [
  "instance",
  "network-interface",
  "placement-group",
  "security-group",
  "volume",
  "vpc-endpoint",
];

/** What Pulumi appends to a resource's name in the program when it names it: seven hexadecimal digits. */
const givenDigits = "-???????";

/**
 * What actions may be allowed on, by their statement's Sid. Accounts are `*`: a plan asks AWS nothing, and a policy
 * alone reaches into no other account. A new resource is restricted by the tag that it is made with, and later by the
 * tag that it has.
 */
export const scopes = {
  /** Actions that AWS cannot restrict to a resource: lists and descriptions. */
  Anything: () => [{ Resource: ["*"] }],
  /** What `preflight` reads outside the stack. */
  Looks: () => [{ Resource: ["*"] }],
  NewEc2: (stack: Deployed) => [{ Resource: ec2(stack), Condition: requested(stack) }],
  TagsOfNewEc2: (stack: Deployed) => [
    {
      Resource: ec2(stack),
      Condition: {
        StringEquals: {
          "ec2:CreateAction": [
            "CreateNetworkInterface",
            "CreatePlacementGroup",
            "CreateSecurityGroup",
            "CreateVolume",
            "CreateVpcEndpoint",
            "RunInstances",
          ],
        },
      },
    },
  ],
  OwnEc2: (stack: Deployed) => [{ Resource: ec2(stack), Condition: tagged(stack) }],
  /** What exists before the stack, and what the stack is made in or from. Any image: it changes with every upgrade. */
  UsedEc2: (stack: Deployed) => {
    const { vpc, subnets } = stack.spec.network;
    const reservations = ofType(stack.recording, "aws:ec2/instance:Instance").some(
      ({ inputs }) => inputs.capacityReservationSpecification !== undefined,
    );
    return [
      {
        Resource: [
          arn(stack, "ec2", "image/*", { account: "" }),
          arn(stack, "ec2", `vpc/${vpc}`),
          ...Object.values(subnets).map(({ id }) => arn(stack, "ec2", `subnet/${id}`)),
          ...(reservations ? [arn(stack, "ec2", "capacity-reservation/*")] : []),
        ],
      },
    ];
  },
  /** Security group rules have no tag; the group, which IAM checks as well, has one. */
  Rules: (stack: Deployed) => [{ Resource: [arn(stack, "ec2", "security-group-rule/*")] }],
  Roles: (stack: Deployed) => [{ Resource: iam(stack, "role", "aws:iam/role:Role") }],
  InstanceProfiles: (stack: Deployed) => [
    { Resource: iam(stack, "instance-profile", "aws:iam/instanceProfile:InstanceProfile") },
  ],
  Policies: (stack: Deployed) => [{ Resource: iam(stack, "policy", "aws:iam/policy:Policy") }],
  AttachedPolicies: (stack: Deployed) => {
    const attachments = ofType(stack.recording, "aws:iam/rolePolicyAttachment:RolePolicyAttachment");
    const policies = distinct(attachments.map(({ inputs }) => String(inputs.policyArn)));
    return [
      {
        Resource: iam(stack, "role", "aws:iam/role:Role"),
        Condition: { ArnEquals: { "iam:PolicyARN": policies } },
      },
    ];
  },
  /** Each role, only to the service that it trusts. */
  PassedRoles: (stack: Deployed) => {
    const roles = ofType(stack.recording, "aws:iam/role:Role");
    return distinct(roles.map(trusted)).map((service) => ({
      Resource: names(roles.filter((role) => trusted(role) === service)).map((name) =>
        arn(stack, "iam", `role/${name}`, { region: "" }),
      ),
      Condition: { StringEquals: { "iam:PassedToService": service } },
    }));
  },
  BalancersServiceRole: (stack: Deployed) => [
    {
      Resource: [
        arn(
          stack,
          "iam",
          "role/aws-service-role/elasticloadbalancing.amazonaws.com/AWSServiceRoleForElasticLoadBalancing",
          { region: "" },
        ),
      ],
      Condition: { StringEquals: { "iam:AWSServiceName": "elasticloadbalancing.amazonaws.com" } },
    },
  ],
  NewKeys: (stack: Deployed) => [{ Resource: ["*"], Condition: requested(stack) }],
  /**
   * A new key's tags may take up to five minutes to count
   * (https://docs.aws.amazon.com/kms/latest/developerguide/abac.html), so no tag restricts what a first deployment does
   * right away.
   */
  FreshKeys: (stack: Deployed) => [{ Resource: keys(stack) }],
  OwnKeys: (stack: Deployed) => [{ Resource: keys(stack), Condition: tagged(stack) }],
  Aliases: (stack: Deployed) => [
    {
      Resource: ofType(stack.recording, "aws:kms/alias:Alias").map(({ inputs }) =>
        arn(stack, "kms", String(inputs.name)),
      ),
    },
  ],
  KeysOfVolumes: (stack: Deployed) => [
    { Resource: keys(stack), Condition: { StringEquals: { "kms:ViaService": viaEc2(stack) } } },
  ],
  /** EC2 lets machines use their volumes' key through a grant, which the caller must be allowed to give. */
  GrantsForVolumes: (stack: Deployed) => [
    {
      Resource: keys(stack),
      Condition: {
        StringEquals: { "kms:ViaService": viaEc2(stack) },
        Bool: { "kms:GrantIsForAWSResource": "true" },
      },
    },
  ],
  KeysOfParameters: (stack: Deployed) => [
    {
      Resource: keys(stack),
      Condition: { StringLike: { "kms:EncryptionContext:PARAMETER_ARN": parameters(stack) } },
    },
  ],
  KeysOfObjects: (stack: Deployed) => [
    {
      Resource: keys(stack),
      // A bucket's ARN if it has a key of its own, otherwise the object's.
      Condition: {
        StringLike: {
          "kms:EncryptionContext:aws:s3:arn": buckets(stack).flatMap((bucket) => [bucket, `${bucket}/*`]),
        },
      },
    },
  ],
  Parameters: (stack: Deployed) => [{ Resource: [parameters(stack)] }],
  Buckets: (stack: Deployed) => [{ Resource: buckets(stack) }],
  Objects: (stack: Deployed) => [{ Resource: buckets(stack).map((bucket) => `${bucket}/*`) }],
  Balancers: (stack: Deployed) => {
    const ofKind = (type: string, ...kinds: string[]) =>
      names(ofType(stack.recording, type)).flatMap((name) =>
        kinds.map((kind) => arn(stack, "elasticloadbalancing", `${kind}/${name}/*`)),
      );
    return [
      {
        Resource: [
          ...ofKind("aws:lb/loadBalancer:LoadBalancer", "loadbalancer/net", "listener/net"),
          ...ofKind("aws:lb/targetGroup:TargetGroup", "targetgroup"),
        ],
      },
    ];
  },
  /** By their whole names: what begins as they do may be another cluster's. */
  Alarms: (stack: Deployed) => {
    const left = retired(stack).map(({ inputs }) =>
      alarmName(stack.spec.cluster, statusAlarm(String(inputs.name))),
    );
    const alarms = names(ofType(stack.recording, "aws:cloudwatch/metricAlarm:MetricAlarm"));
    return [{ Resource: [...alarms, ...left].map((name) => arn(stack, "cloudwatch", `alarm:${name}`)) }];
  },
  NewSnapshotSchedules: (stack: Deployed) => [
    { Resource: [arn(stack, "dlm", "policy/*")], Condition: requested(stack) },
  ],
  SnapshotSchedules: (stack: Deployed) => [
    { Resource: [arn(stack, "dlm", "policy/*")], Condition: tagged(stack) },
  ],
  Zones: (stack: Deployed) => [{ Resource: [zone(stack, stack.spec.network.privateZone.id)] }],
  /** Only the cluster's names in the zone. */
  Names: (stack: Deployed) => [
    {
      Resource: [zone(stack, stack.spec.network.privateZone.id)],
      Condition: {
        "ForAllValues:StringLike": {
          "route53:ChangeResourceRecordSetsNormalizedRecordNames": `*.${clusterDomain(stack.spec)}`,
        },
      },
    },
  ],
  EveryZone: (stack: Deployed) => [{ Resource: [zone(stack, "*")] }],
  ZoneChanges: (stack: Deployed) => [
    { Resource: [arn(stack, "route53", "change/*", { region: "", account: "" })] },
  ],
} satisfies Record<string, (stack: Deployed) => Scope[]>;

export type ScopeName = keyof typeof scopes;

function arn(
  { spec }: Deployed,
  service: string,
  resource: string,
  place: { region?: string; account?: string } = {},
): string {
  const { region = regionOf(spec), account = "*" } = place;
  return ["arn", partitionOf(regionOf(spec)).id, service, region, account, resource].join(":");
}

function ec2(stack: Deployed): string[] {
  return ec2Kinds.map((kind) => arn(stack, "ec2", `${kind}/*`));
}

function keys(stack: Deployed): string[] {
  return [arn(stack, "kms", "key/*")];
}

function parameters(stack: Deployed): string {
  return arn(stack, "ssm", `parameter${clusterParameters(stack.spec.cluster)}/*`);
}

function buckets(stack: Deployed): string[] {
  return ofType(stack.recording, "aws:s3/bucket:Bucket").map(({ inputs }) =>
    // As many characters as the provider appends: what begins with the prefix may be another cluster's.
    arn(stack, "s3", `${String(inputs.bucketPrefix)}${"?".repeat(suffix.provider)}`, {
      region: "",
      account: "",
    }),
  );
}

function zone(stack: Deployed, id: string): string {
  return arn(stack, "route53", `hostedzone/${id}`, { region: "", account: "" });
}

function iam(stack: Deployed, kind: "role" | "instance-profile" | "policy", type: string): string[] {
  const left = kind === "policy" ? [] : retired(stack).map(({ name }) => `${name}${givenDigits}`);
  return [...names(ofType(stack.recording, type)), ...left].map((name) =>
    arn(stack, "iam", `${kind}/${name}`, { region: "" }),
  );
}

/** Members that others have replaced: what is left of them goes in the update that retires them. */
function retired({ recording }: Deployed): RecordedResource[] {
  return ofType(recording, "etcd:index:EtcdMember").filter(({ inputs }) => inputs.retired === true);
}

/** Resources' names in AWS, as far as the program says. */
function names(resources: readonly RecordedResource[]): string[] {
  return resources.map(({ name, inputs }) => (inputs.name as string | undefined) ?? `${name}${givenDigits}`);
}

/** The service that a role trusts. */
function trusted({ inputs }: RecordedResource): string {
  const { Statement } = JSON.parse(String(inputs.assumeRolePolicy)) as {
    Statement: { Principal: { Service: string } }[];
  };
  return Statement[0]!.Principal.Service;
}

function viaEc2({ spec }: Deployed): string {
  const region = regionOf(spec);
  return `ec2.${region}.${partitionOf(region).dnsSuffix}`;
}

function requested({ spec }: Deployed) {
  return { StringEquals: { [`aws:RequestTag/${tagNames.cluster}`]: spec.cluster } };
}

function tagged({ spec }: Deployed) {
  return { StringEquals: { [`aws:ResourceTag/${tagNames.cluster}`]: spec.cluster } };
}

function distinct(texts: readonly string[]): string[] {
  return [...new Set(texts)].sort();
}
