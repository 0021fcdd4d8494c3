import { randomUUID } from "node:crypto";
import {
  CreateSecurityGroupCommand,
  CreateSubnetCommand,
  CreateVpcCommand,
  DescribeImagesCommand,
  ModifyVpcAttributeCommand,
} from "@aws-sdk/client-ec2";
import { CreateHostedZoneCommand, DeleteHostedZoneCommand } from "@aws-sdk/client-route-53";
import { CreateTopicCommand } from "@aws-sdk/client-sns";
import type { AccountClients } from "../../../aws/accountClients";
import { declaration } from "../../fixtures/declarations";

const region = "eu-central-1";

/** A VPC of one's own, its names told by AWS. */
export async function makeVpc({ ec2 }: AccountClients): Promise<string> {
  const { Vpc } = await ec2.send(new CreateVpcCommand({ CidrBlock: "10.0.0.0/16" }));
  const { VpcId } = Vpc!;
  await ec2.send(new ModifyVpcAttributeCommand({ VpcId, EnableDnsHostnames: { Value: true } }));
  return VpcId!;
}

/** AWS' ids of zones begin with Z; moto's with any letter or figure, so one is made until it fits. */
export async function makeZone({ route53 }: AccountClients, Name: string, VPCId?: string): Promise<string> {
  for (;;) {
    const { HostedZone } = await route53.send(
      new CreateHostedZoneCommand({
        Name,
        CallerReference: randomUUID(),
        ...(VPCId && { VPC: { VPCId, VPCRegion: region }, HostedZoneConfig: { PrivateZone: true } }),
      }),
    );
    const Id = HostedZone!.Id!.replace("/hostedzone/", "");
    if (Id.startsWith("Z")) return Id;
    await route53.send(new DeleteHostedZoneCommand({ Id }));
  }
}

/** Makes what prod finds in its account before its first deployment, and returns the settings that name it. */
export async function makeSurroundings(aws: AccountClients) {
  const { network, machine } = declaration("prod");
  const vpc = await makeVpc(aws);
  const subnets: Record<string, { id: string; zone: string; range: string }> = {};
  for (const [key, { zone, range }] of Object.entries(network.subnets)) {
    const command = new CreateSubnetCommand({ VpcId: vpc, AvailabilityZone: zone, CidrBlock: range });
    const { Subnet } = await aws.ec2.send(command);
    subnets[key] = { id: Subnet!.SubnetId!, zone, range };
  }
  const group = async (GroupName: string) => {
    const command = new CreateSecurityGroupCommand({ GroupName, Description: GroupName, VpcId: vpc });
    return (await aws.ec2.send(command)).GroupId!;
  };
  const { TopicArn } = await aws.sns.send(new CreateTopicCommand({ Name: "etcd" }));
  return {
    network: {
      ...network,
      vpc,
      subnets,
      privateZone: { id: await makeZone(aws, "etcd.internal", vpc), name: "etcd.internal" },
      apiServerSecurityGroups: [await group("api-servers")],
      monitoringSecurityGroups: [await group("monitoring")],
    },
    machine: { ...machine, image: await imageOf(aws, "x86_64") },
    alarms: { topicArn: TopicArn! },
    checksums: { amd64: "a".repeat(64) },
  };
}

/** One of the images that moto has from the start. */
export async function imageOf({ ec2 }: AccountClients, architecture: "x86_64" | "arm64"): Promise<string> {
  const Filters = [{ Name: "architecture", Values: [architecture] }];
  const { Images } = await ec2.send(new DescribeImagesCommand({ Filters }));
  return Images!.find(({ ImageId }) => /^ami-([0-9a-f]{8}|[0-9a-f]{17})$/.test(ImageId!))!.ImageId!;
}
