import { ec2Actions, type Actions } from "./ec2Actions";

const balancerTags = ["elasticloadbalancing:AddTags", "elasticloadbalancing:RemoveTags"];

/**
 * What the AWS provider calls to make, read, change and delete a resource of each type that this project's components
 * make, with the arguments that they give it. The calls are those of terraform-provider-aws 6 (internal/service/…);
 * what a call needs, and how it can be restricted, comes from the Service Authorization Reference
 * (https://docs.aws.amazon.com/service-authorization/latest/reference/). Never tried on AWS.
 */
export const actionsByType: Readonly<Record<string, Actions>> = {
  ...ec2Actions,
  "aws:cloudwatch/metricAlarm:MetricAlarm": {
    Alarms: [
      "cloudwatch:DeleteAlarms",
      "cloudwatch:DescribeAlarms",
      "cloudwatch:ListTagsForResource",
      "cloudwatch:PutMetricAlarm",
      "cloudwatch:TagResource",
      "cloudwatch:UntagResource",
    ],
  },
  "aws:dlm/lifecyclePolicy:LifecyclePolicy": {
    NewSnapshotSchedules: ["dlm:CreateLifecyclePolicy", "dlm:TagResource"],
    SnapshotSchedules: [
      "dlm:DeleteLifecyclePolicy",
      "dlm:GetLifecyclePolicy",
      "dlm:ListTagsForResource",
      "dlm:TagResource",
      "dlm:UntagResource",
      "dlm:UpdateLifecyclePolicy",
    ],
    PassedRoles: ["iam:PassRole"],
  },
  "aws:iam/instanceProfile:InstanceProfile": {
    InstanceProfiles: [
      "iam:AddRoleToInstanceProfile",
      "iam:CreateInstanceProfile",
      "iam:DeleteInstanceProfile",
      "iam:GetInstanceProfile",
      "iam:RemoveRoleFromInstanceProfile",
      "iam:TagInstanceProfile",
      "iam:UntagInstanceProfile",
    ],
    PassedRoles: ["iam:PassRole"],
  },
  "aws:iam/policy:Policy": {
    Policies: [
      "iam:CreatePolicy",
      "iam:CreatePolicyVersion",
      "iam:DeletePolicy",
      "iam:DeletePolicyVersion",
      "iam:GetPolicy",
      "iam:GetPolicyVersion",
      "iam:ListPolicyTags",
      "iam:ListPolicyVersions",
      "iam:TagPolicy",
      "iam:UntagPolicy",
    ],
  },
  "aws:iam/role:Role": {
    Roles: [
      "iam:CreateRole",
      "iam:DeleteRole",
      "iam:GetRole",
      "iam:ListAttachedRolePolicies",
      "iam:ListInstanceProfilesForRole",
      "iam:ListRolePolicies",
      "iam:ListRoleTags",
      "iam:TagRole",
      "iam:UntagRole",
      "iam:UpdateAssumeRolePolicy",
      "iam:UpdateRole",
      "iam:UpdateRoleDescription",
    ],
  },
  "aws:iam/rolePolicy:RolePolicy": {
    Roles: ["iam:DeleteRolePolicy", "iam:GetRolePolicy", "iam:PutRolePolicy"],
  },
  "aws:iam/rolePolicyAttachment:RolePolicyAttachment": {
    Roles: ["iam:ListAttachedRolePolicies"],
    AttachedPolicies: ["iam:AttachRolePolicy", "iam:DetachRolePolicy"],
  },
  "aws:kms/alias:Alias": {
    Anything: ["kms:ListAliases"],
    Aliases: ["kms:CreateAlias", "kms:DeleteAlias", "kms:UpdateAlias"],
    // IAM checks both the alias and its key.
    FreshKeys: ["kms:CreateAlias"],
    OwnKeys: ["kms:DeleteAlias", "kms:UpdateAlias"],
  },
  "aws:kms/key:Key": {
    NewKeys: ["kms:CreateKey", "kms:TagResource"],
    FreshKeys: [
      "kms:DescribeKey",
      "kms:EnableKeyRotation",
      "kms:GetKeyPolicy",
      "kms:GetKeyRotationStatus",
      "kms:ListResourceTags",
    ],
    OwnKeys: ["kms:ScheduleKeyDeletion", "kms:TagResource", "kms:UntagResource", "kms:UpdateKeyDescription"],
  },
  "aws:lb/listener:Listener": {
    Anything: [
      "elasticloadbalancing:DescribeListenerAttributes",
      "elasticloadbalancing:DescribeListeners",
      "elasticloadbalancing:DescribeTags",
    ],
    Balancers: [
      ...balancerTags,
      "elasticloadbalancing:CreateListener",
      "elasticloadbalancing:DeleteListener",
      "elasticloadbalancing:ModifyListener",
      "elasticloadbalancing:ModifyListenerAttributes",
    ],
  },
  "aws:lb/loadBalancer:LoadBalancer": {
    Anything: [
      // What it looks up about the network on its caller's behalf.
      "ec2:DescribeAccountAttributes",
      "ec2:DescribeAddresses",
      "ec2:DescribeInternetGateways",
      // The provider keeps deleting until the balancer's own interfaces are gone.
      "ec2:DescribeNetworkInterfaces",
      "ec2:DescribeSecurityGroups",
      "ec2:DescribeSubnets",
      "ec2:DescribeVpcs",
      "elasticloadbalancing:DescribeCapacityReservation",
      "elasticloadbalancing:DescribeLoadBalancerAttributes",
      "elasticloadbalancing:DescribeLoadBalancers",
      "elasticloadbalancing:DescribeTags",
    ],
    Balancers: [
      ...balancerTags,
      "elasticloadbalancing:CreateLoadBalancer",
      "elasticloadbalancing:DeleteLoadBalancer",
      "elasticloadbalancing:ModifyLoadBalancerAttributes",
      "elasticloadbalancing:SetSecurityGroups",
      "elasticloadbalancing:SetSubnets",
    ],
    // The account's first balancer makes it
    // (https://docs.aws.amazon.com/elasticloadbalancing/latest/userguide/elb-service-linked-roles.html).
    BalancersServiceRole: ["iam:CreateServiceLinkedRole"],
  },
  "aws:lb/targetGroup:TargetGroup": {
    Anything: [
      "ec2:DescribeVpcs",
      "elasticloadbalancing:DescribeTags",
      "elasticloadbalancing:DescribeTargetGroupAttributes",
      "elasticloadbalancing:DescribeTargetGroups",
    ],
    Balancers: [
      ...balancerTags,
      "elasticloadbalancing:CreateTargetGroup",
      "elasticloadbalancing:DeleteTargetGroup",
      "elasticloadbalancing:ModifyTargetGroup",
      "elasticloadbalancing:ModifyTargetGroupAttributes",
    ],
  },
  "aws:lb/targetGroupAttachment:TargetGroupAttachment": {
    Anything: ["elasticloadbalancing:DescribeTargetHealth"],
    Balancers: ["elasticloadbalancing:DeregisterTargets", "elasticloadbalancing:RegisterTargets"],
  },
  "aws:route53/record:Record": {
    Names: ["route53:ChangeResourceRecordSets"],
    Zones: ["route53:GetHostedZone", "route53:ListResourceRecordSets"],
    ZoneChanges: ["route53:GetChange"],
  },
  "aws:s3/bucket:Bucket": {
    Buckets: [
      "s3:CreateBucket",
      "s3:DeleteBucket",
      // What the provider reads of every bucket, declared or not.
      "s3:GetAccelerateConfiguration",
      "s3:GetBucketAcl",
      "s3:GetBucketCORS",
      "s3:GetBucketLocation",
      "s3:GetBucketLogging",
      "s3:GetBucketObjectLockConfiguration",
      "s3:GetBucketPolicy",
      "s3:GetBucketRequestPayment",
      "s3:GetBucketTagging",
      "s3:GetBucketVersioning",
      "s3:GetBucketWebsite",
      "s3:GetEncryptionConfiguration",
      "s3:GetLifecycleConfiguration",
      "s3:GetReplicationConfiguration",
      "s3:ListBucket",
      "s3:ListTagsForResource",
      "s3:PutBucketTagging",
      "s3:TagResource",
      "s3:UntagResource",
    ],
  },
  "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": {
    Buckets: ["s3:GetLifecycleConfiguration", "s3:PutLifecycleConfiguration"],
  },
  "aws:s3/bucketOwnershipControls:BucketOwnershipControls": {
    Buckets: ["s3:GetBucketOwnershipControls", "s3:PutBucketOwnershipControls"],
  },
  "aws:s3/bucketPolicy:BucketPolicy": {
    Buckets: ["s3:DeleteBucketPolicy", "s3:GetBucketPolicy", "s3:PutBucketPolicy"],
  },
  "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": {
    Buckets: ["s3:GetBucketPublicAccessBlock", "s3:PutBucketPublicAccessBlock"],
  },
  "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": {
    Buckets: ["s3:GetEncryptionConfiguration", "s3:PutEncryptionConfiguration"],
  },
  "aws:s3/bucketVersioning:BucketVersioning": {
    Buckets: ["s3:GetBucketVersioning", "s3:PutBucketVersioning"],
  },
  "aws:ssm/parameter:Parameter": {
    Anything: ["ssm:DescribeParameters"],
    Parameters: [
      "ssm:AddTagsToResource",
      "ssm:DeleteParameter",
      "ssm:GetParameter",
      "ssm:GetParameters",
      "ssm:ListTagsForResource",
      "ssm:PutParameter",
      "ssm:RemoveTagsFromResource",
    ],
    KeysOfParameters: ["kms:Decrypt", "kms:Encrypt"],
  },
};

/** What `preflight`, `verify`, `backups` and the quorum guard read in addition, and what `backups --now` writes. */
export const actionsOfCommands: Actions = {
  Anything: [
    "ec2:DescribeImages",
    "ec2:DescribeInstanceTypeOfferings",
    "ec2:DescribeInstanceTypes",
    "ec2:DescribeInstances",
    "ec2:DescribeSecurityGroups",
    "ec2:DescribeSubnets",
    "ec2:DescribeVpcAttribute",
    "ec2:DescribeVpcEndpoints",
    "ec2:DescribeVpcs",
    "elasticloadbalancing:DescribeAccountLimits",
    "elasticloadbalancing:DescribeLoadBalancers",
    "elasticloadbalancing:DescribeTargetGroups",
    "elasticloadbalancing:DescribeTargetHealth",
  ],
  // The role is the caller's, which a plan does not know.
  Looks: [
    "iam:GetRole",
    "iam:SimulatePrincipalPolicy",
    "servicequotas:GetServiceQuota",
    "sns:GetTopicAttributes",
  ],
  Zones: ["route53:GetHostedZone"],
  Parameters: ["ssm:GetParameters", "ssm:GetParametersByPath", "ssm:PutParameter"],
  KeysOfParameters: ["kms:Decrypt"],
  Buckets: ["s3:ListBucket"],
  // To restore the latest snapshot, Pulumi reads objects' tags as well as their text.
  Objects: ["s3:GetObject", "s3:GetObjectTagging", "s3:GetObjectVersion"],
  KeysOfObjects: ["kms:Decrypt"],
};
