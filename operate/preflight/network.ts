import {
  DescribeSecurityGroupsCommand,
  DescribeSubnetsCommand,
  DescribeVpcAttributeCommand,
  DescribeVpcsCommand,
} from "@aws-sdk/client-ec2";
import { GetHostedZoneCommand } from "@aws-sdk/client-route-53";
import { foreignEndpoints } from "./endpoints";
import { look, type Finding } from "./finding";
import type { Account } from "./needs";

/** What the cluster stands in, and what its settings name of it. */
export function networkLooks(account: Account): Promise<Finding>[] {
  const { subnets, apiServerSecurityGroups, monitoringSecurityGroups } = account.needs.spec.network;
  return [
    vpc(account),
    ...Object.keys(subnets).map((key) => subnet(account, key)),
    privateZone(account),
    ...[...new Set([...apiServerSecurityGroups, ...monitoringSecurityGroups])].map((id) =>
      securityGroup(account, id),
    ),
    ...(account.needs.endpoints.length > 0 ? [endpoints(account)] : []),
  ];
}

/** Names of the private zone and of endpoints are told in a VPC that has both settings alone. */
function vpc({ needs, aws, signal }: Account): Promise<Finding> {
  const { vpc: VpcId } = needs.spec.network;
  const missing = "name the VPC of this account and region in etcd:network.vpc";
  return look("VPC", VpcId, { signal, missing }, async () => {
    const until = { abortSignal: signal };
    await aws.ec2.send(new DescribeVpcsCommand({ VpcIds: [VpcId] }), until);
    const attribute = (Attribute: "enableDnsHostnames" | "enableDnsSupport") =>
      aws.ec2.send(new DescribeVpcAttributeCommand({ VpcId, Attribute }), until);
    const [hostnames, support] = await Promise.all([
      attribute("enableDnsHostnames"),
      attribute("enableDnsSupport"),
    ]);
    const off = [
      ...(support.EnableDnsSupport?.Value ? [] : ["support"]),
      ...(hostnames.EnableDnsHostnames?.Value ? [] : ["hostnames"]),
    ];
    return {
      seen: "DNS support and hostnames are on",
      problems: off.map(
        (each) => `DNS ${each} is off: aws ec2 modify-vpc-attribute --vpc-id ${VpcId} --enable-dns-${each}`,
      ),
    };
  });
}

function subnet({ needs, aws, signal }: Account, key: string): Promise<Finding> {
  const { vpc: VpcId, subnets } = needs.spec.network;
  const { id, zone, range } = subnets[key]!;
  const setting = `etcd:network.subnets.${key}`;
  return look("subnet", id, { signal, missing: `name a subnet of the VPC in ${setting}` }, async () => {
    const command = new DescribeSubnetsCommand({ SubnetIds: [id] });
    const { Subnets } = await aws.ec2.send(command, { abortSignal: signal });
    const found = Subnets![0]!;
    const wrong = (what: string, is: string | undefined, declared: string) =>
      is === declared ? [] : [`${what} is ${is}, and ${setting} says ${declared}: change the setting`];
    return {
      seen: `${range} in ${zone}`,
      problems: [
        ...wrong("VPC", found.VpcId, VpcId),
        ...wrong("zone", found.AvailabilityZone, zone),
        ...wrong("range", found.CidrBlock, range),
      ],
    };
  });
}

function privateZone({ needs, aws, signal }: Account): Promise<Finding> {
  const { vpc: VpcId, privateZone: declared } = needs.spec.network;
  const missing = "name a private hosted zone in etcd:network.privateZone";
  return look("private zone", declared.id, { signal, missing }, async () => {
    const command = new GetHostedZoneCommand({ Id: declared.id });
    const { HostedZone, VPCs = [] } = await aws.route53.send(command, { abortSignal: signal });
    const name = HostedZone!.Name!.replace(/\.$/, "");
    const problems = [
      ...(HostedZone!.Config?.PrivateZone
        ? []
        : ["is public, and members' names are nobody else's: name a private one"]),
      ...(name === declared.name
        ? []
        : [`is of ${name}, and etcd:network.privateZone says ${declared.name}`]),
      ...(VPCs.some((each) => each.VPCId === VpcId)
        ? []
        : [`is not associated with ${VpcId}: aws route53 associate-vpc-with-hosted-zone`]),
    ];
    return { seen: `${name}, associated with the VPC`, problems };
  });
}

function securityGroup({ needs, aws, signal }: Account, id: string): Promise<Finding> {
  const missing = "name the group of what reaches etcd in etcd:network";
  return look("security group", id, { signal, missing }, async () => {
    const command = new DescribeSecurityGroupsCommand({ GroupIds: [id] });
    const { SecurityGroups } = await aws.ec2.send(command, { abortSignal: signal });
    const { GroupName, VpcId } = SecurityGroups![0]!;
    // Of another VPC it may be, by peering.
    const other =
      VpcId === needs.spec.network.vpc ? "" : `, of ${VpcId}: rules name it where that VPC is a peer`;
    return { seen: `${GroupName}${other}`, problems: [] };
  });
}

/** AWS refuses a second endpoint with private names for one service of a VPC. */
function endpoints(account: Account): Promise<Finding> {
  const { needs, signal } = account;
  return look("endpoints", needs.spec.network.vpc, { signal }, async () => {
    const clashes = (await foreignEndpoints(account)).filter(
      ({ ServiceName, PrivateDnsEnabled }) => PrivateDnsEnabled && needs.endpoints.includes(ServiceName!),
    );
    return {
      seen: `none has the private names of ${needs.endpoints.length} services yet`,
      problems: clashes.map(
        ({ VpcEndpointId, ServiceName }) =>
          `${VpcEndpointId} has the private names of ${ServiceName} already: declare etcd:network.outbound existingEndpoints`,
      ),
    };
  });
}
