import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { allowedActions } from "../machine/allowedActions";
import type { ClusterSpec } from "../spec";
import { endpointServiceName, regionOf } from "../spec/aws/partitions";
import { clusterTags } from "../contract/tags";
import { entrySubnets } from "../spec/entrySubnets";
import { privateRanges } from "../spec/wayOut";

export interface EtcdEndpointsArgs extends Pick<
  ClusterSpec,
  "cluster" | "environment" | "tags" | "members" | "network"
> {
  /** Security group of the members. */
  memberGroupId: pulumi.Input<string>;
}

/** Services whose endpoint is not called as the prefix of their IAM actions. */
const endpointNames: Readonly<Record<string, string>> = { cloudwatch: "monitoring" };

/**
 * The AWS services that an etcd machine calls, as VPC endpoints name them: those of the actions that it
 * may take, and S3 for backups. `ec2messages` is not among them: agents of Session Manager have not needed
 * it since 3.3.40.0, newer regions do not have it, and the role does not allow it.
 */
export const endpointServices: readonly string[] = [
  ...new Set([
    "s3",
    ...allowedActions({ parameterArnPrefix: "", cluster: "", member: "", keyArn: "" })
      .flatMap(({ Action }) => Action)
      .map((action) => action.split(":")[0]!)
      .map((prefix) => endpointNames[prefix] ?? prefix),
  ]),
].sort();

/**
 * The way out for members in subnets without a NAT gateway: an interface endpoint for each AWS service
 * that they call, in one subnet of each zone that `network.subnets` names. Members reach 443 of the endpoints.
 *
 * The endpoint of S3 is an interface too: a gateway endpoint would be without charge, but changes route
 * tables, which would have to be named. Private DNS holds for the whole VPC: from then on everything in it
 * reaches these services through these endpoints, so the endpoints take 443 from private addresses as well
 * as from members. Who may do what is decided by IAM, there as without them. Where the VPC has an endpoint
 * with private DNS for one of the services already, AWS refuses a second one.
 *
 * @example
 * new EtcdEndpoints("prod", { ...spec, memberGroupId: network.memberGroupId });
 */
export class EtcdEndpoints extends pulumi.ComponentResource {
  constructor(name: string, args: EtcdEndpointsArgs, opts?: pulumi.ComponentResourceOptions) {
    super(
      "etcd:index:EtcdEndpoints",
      name,
      { cluster: args.cluster, vpc: args.network.vpc, services: endpointServices },
      opts,
    );
    const { cluster, network, memberGroupId } = args;
    const child = { parent: this };
    const group = new aws.ec2.SecurityGroup(
      `${name}-endpoints`,
      {
        description: `VPC endpoints for the etcd members of ${cluster}`,
        vpcId: network.vpc,
        tags: clusterTags(args, `${cluster}-etcd-endpoints`),
      },
      child,
    ).id;
    const https = { ipProtocol: "tcp", fromPort: 443, toPort: 443 };
    new aws.vpc.SecurityGroupIngressRule(
      `${name}-endpoints-from-members`,
      { securityGroupId: group, referencedSecurityGroupId: memberGroupId, ...https },
      child,
    );
    for (const cidrIpv4 of privateRanges) {
      new aws.vpc.SecurityGroupIngressRule(
        `${name}-endpoints-from-${cidrIpv4.replace("/", "-")}`,
        { description: "Private DNS holds for the whole VPC", securityGroupId: group, cidrIpv4, ...https },
        child,
      );
    }
    new aws.vpc.SecurityGroupEgressRule(
      `${name}-members-to-endpoints`,
      { securityGroupId: memberGroupId, referencedSecurityGroupId: group, ...https },
      child,
    );

    const region = regionOf(args);
    for (const service of endpointServices) {
      new aws.ec2.VpcEndpoint(
        `${name}-${service}`,
        {
          vpcId: network.vpc,
          serviceName: endpointServiceName(region, service),
          vpcEndpointType: "Interface",
          subnetIds: entrySubnets(args.network).map(({ id }) => id),
          securityGroupIds: [group],
          privateDnsEnabled: true,
          // Else AWS wants a gateway endpoint beside it, for what comes from inside the VPC.
          dnsOptions: service === "s3" ? { privateDnsOnlyForInboundResolverEndpoint: false } : undefined,
          tags: clusterTags(args, `${cluster}-etcd-${service}`),
        },
        child,
      );
    }
    this.registerOutputs({});
  }
}
