import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { allowedActions } from "../machine/allowedActions";
import type { ClusterSpec } from "../spec";
import { endpointServiceName, regionOf } from "../spec/aws/partitions";
import { clusterTags } from "../contract/tags";
import { entrySubnets } from "../spec/entrySubnets";
import { privateRanges } from "../spec/subnets";

export interface EtcdEndpointsArgs extends Pick<
  ClusterSpec,
  "cluster" | "environment" | "tags" | "members" | "network"
> {
  /** Security group of the members. */
  memberGroupId: pulumi.Input<string>;
}

/** Services whose endpoint has a different name from the prefix of their IAM actions. */
const endpointNames: Readonly<Record<string, string>> = { cloudwatch: "monitoring" };

/**
 * The AWS services that an etcd machine calls, by the names of their VPC endpoints: those of the actions that it may
 * take, and S3 for backups. `ec2messages` is not among them: Session Manager's agents have not needed it since
 * 3.3.40.0, newer regions do not have it, and the role does not allow it.
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
 * The way out for members in subnets without a NAT gateway: an interface endpoint for each AWS service that they
 * call, in one subnet of each zone that `network.subnets` names. Members reach port 443 of the endpoints.
 *
 * S3 gets an interface endpoint too. A gateway endpoint would be free, but it changes route tables, which the
 * settings would have to name. Private DNS applies to the whole VPC: everything in it then reaches these services
 * through these endpoints. So the endpoints accept 443 from private addresses as well as from members. IAM decides
 * who may do what, with or without endpoints. If the VPC already has an endpoint with private DNS for one of the
 * services, AWS refuses a second one.
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
          // Otherwise AWS requires a gateway endpoint as well, for requests from inside the VPC.
          dnsOptions: service === "s3" ? { privateDnsOnlyForInboundResolverEndpoint: false } : undefined,
          tags: clusterTags(args, `${cluster}-etcd-${service}`),
        },
        child,
      );
    }
    this.registerOutputs({});
  }
}
