import type { ScopeName } from "./scopes";

/** Actions by what they are allowed on. */
export type Actions = Readonly<Partial<Record<ScopeName, readonly string[]>>>;

const ofSecurityGroup = (direction: "Ingress" | "Egress"): Actions => {
  const changes = [
    `ec2:AuthorizeSecurityGroup${direction}`,
    "ec2:ModifySecurityGroupRules",
    `ec2:RevokeSecurityGroup${direction}`,
  ];
  return {
    Anything: ["ec2:DescribeSecurityGroupRules", "ec2:DescribeSecurityGroups"],
    OwnEc2: changes,
    Rules: changes,
  };
};

/** EC2's part of the table of actions by type, from the same sources. */
export const ec2Actions: Readonly<Record<string, Actions>> = {
  "aws:ebs/volume:Volume": {
    Anything: ["ec2:DescribeVolumes", "ec2:DescribeVolumesModifications"],
    NewEc2: ["ec2:CreateVolume"],
    TagsOfNewEc2: ["ec2:CreateTags"],
    OwnEc2: ["ec2:CreateTags", "ec2:DeleteTags", "ec2:DeleteVolume", "ec2:ModifyVolume"],
    // https://docs.aws.amazon.com/ebs/latest/userguide/ebs-encryption-requirements.html
    KeysOfVolumes: [
      "kms:Decrypt",
      "kms:DescribeKey",
      "kms:GenerateDataKeyWithoutPlaintext",
      "kms:ReEncryptFrom",
      "kms:ReEncryptTo",
    ],
    GrantsForVolumes: ["kms:CreateGrant"],
  },
  "aws:ec2/instance:Instance": {
    Anything: [
      "ec2:DescribeIamInstanceProfileAssociations",
      "ec2:DescribeImages",
      "ec2:DescribeInstanceAttribute",
      "ec2:DescribeInstanceCreditSpecifications",
      "ec2:DescribeInstanceTypes",
      "ec2:DescribeInstances",
      "ec2:DescribeTags",
      "ec2:DescribeVolumes",
      "ec2:DescribeVolumesModifications",
    ],
    NewEc2: ["ec2:RunInstances"],
    UsedEc2: ["ec2:RunInstances"],
    TagsOfNewEc2: ["ec2:CreateTags"],
    OwnEc2: [
      "ec2:AssociateIamInstanceProfile",
      "ec2:CreateTags",
      "ec2:DeleteTags",
      "ec2:DisassociateIamInstanceProfile",
      "ec2:ModifyInstanceAttribute",
      "ec2:ModifyInstanceCapacityReservationAttributes",
      "ec2:ModifyInstanceMetadataOptions",
      // Root volumes.
      "ec2:ModifyVolume",
      "ec2:MonitorInstances",
      "ec2:ReplaceIamInstanceProfileAssociation",
      "ec2:RunInstances",
      "ec2:StartInstances",
      "ec2:StopInstances",
      "ec2:TerminateInstances",
      "ec2:UnmonitorInstances",
    ],
    PassedRoles: ["iam:PassRole"],
  },
  "aws:ec2/networkInterface:NetworkInterface": {
    Anything: ["ec2:DescribeNetworkInterfaces"],
    NewEc2: ["ec2:CreateNetworkInterface"],
    UsedEc2: ["ec2:CreateNetworkInterface"],
    TagsOfNewEc2: ["ec2:CreateTags"],
    OwnEc2: [
      "ec2:CreateNetworkInterface",
      "ec2:CreateTags",
      "ec2:DeleteNetworkInterface",
      "ec2:DeleteTags",
      "ec2:DetachNetworkInterface",
      "ec2:ModifyNetworkInterfaceAttribute",
    ],
  },
  "aws:ec2/placementGroup:PlacementGroup": {
    Anything: ["ec2:DescribePlacementGroups"],
    NewEc2: ["ec2:CreatePlacementGroup"],
    TagsOfNewEc2: ["ec2:CreateTags"],
    OwnEc2: ["ec2:CreateTags", "ec2:DeletePlacementGroup", "ec2:DeleteTags"],
  },
  "aws:ec2/securityGroup:SecurityGroup": {
    Anything: [
      "ec2:DescribeNetworkInterfaces",
      "ec2:DescribeSecurityGroupRules",
      "ec2:DescribeSecurityGroups",
    ],
    NewEc2: ["ec2:CreateSecurityGroup"],
    UsedEc2: ["ec2:CreateSecurityGroup"],
    TagsOfNewEc2: ["ec2:CreateTags"],
    // The provider removes the rule that AWS gives every new group, which allows all egress.
    OwnEc2: [
      "ec2:CreateTags",
      "ec2:DeleteSecurityGroup",
      "ec2:DeleteTags",
      "ec2:RevokeSecurityGroupEgress",
      "ec2:RevokeSecurityGroupIngress",
    ],
    Rules: ["ec2:RevokeSecurityGroupEgress", "ec2:RevokeSecurityGroupIngress"],
  },
  "aws:ec2/volumeAttachment:VolumeAttachment": {
    Anything: ["ec2:DescribeInstances", "ec2:DescribeVolumes"],
    // Nothing is detached: `skipDestroy`.
    OwnEc2: ["ec2:AttachVolume"],
  },
  "aws:ec2/vpcEndpoint:VpcEndpoint": {
    Anything: ["ec2:DescribePrefixLists", "ec2:DescribeVpcEndpoints"],
    NewEc2: ["ec2:CreateVpcEndpoint"],
    UsedEc2: ["ec2:CreateVpcEndpoint", "ec2:ModifyVpcEndpoint"],
    TagsOfNewEc2: ["ec2:CreateTags"],
    OwnEc2: [
      "ec2:CreateTags",
      "ec2:CreateVpcEndpoint",
      "ec2:DeleteTags",
      "ec2:DeleteVpcEndpoints",
      "ec2:ModifyVpcEndpoint",
    ],
    // AWS' own zones, for the endpoints' private names.
    EveryZone: ["route53:AssociateVPCWithHostedZone"],
  },
  "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule": ofSecurityGroup("Egress"),
  "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": ofSecurityGroup("Ingress"),
};
