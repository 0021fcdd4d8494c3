import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { ports } from "../contract/addresses";
import type { ClusterSpec } from "../spec";
import { destinations } from "../spec/wayOut";
import { clusterTags } from "../contract/tags";

export interface EtcdNetworkArgs extends Pick<
  ClusterSpec,
  "cluster" | "environment" | "tags" | "network" | "mirror"
> {
  /** Whether a load balancer stands in front of the members. */
  balancer: boolean;
}

/**
 * Who may reach whom, by security-group reference alone: 2379 from API servers, the balancer and members (a member that
 * joins or backs up is a client of the others), 2380 among members, 2381 from the balancer and monitoring. Nothing is
 * public. Outbound, a member reaches its peers, and https if a NAT gateway serves the subnets. Without one,
 * {@link EtcdEndpoints} opens the way to its endpoints.
 */
export class EtcdNetwork extends pulumi.ComponentResource {
  /** Security group of the members. */
  readonly memberGroupId: pulumi.Output<string>;
  /** Security group of the balancer; undefined without one. */
  readonly balancerGroupId?: pulumi.Output<string>;

  constructor(
    private readonly name: string,
    private readonly args: EtcdNetworkArgs,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super(
      "etcd:index:EtcdNetwork",
      name,
      { cluster: args.cluster, network: args.network, balancer: args.balancer },
      opts,
    );
    const members = this.group("members", "etcd members");
    this.memberGroupId = members;
    const { apiServerSecurityGroups: apiServers, monitoringSecurityGroups: monitoring } = args.network;

    this.allow(members, "client-from-members", members, ports.client);
    this.allow(members, "peer-from-members", members, ports.peer);
    this.allowOut(members, "client-to-members", members, ports.client);
    this.allowOut(members, "peer-to-members", members, ports.peer);
    // Name rules after what they allow, not after a place in a list: AWS refuses a duplicate rule.
    for (const group of apiServers) this.allow(members, `client-from-${group}`, group, ports.client);
    for (const group of monitoring) this.allow(members, `metrics-from-${group}`, group, ports.metrics);
    this.allowOutside(members);

    if (args.balancer) {
      const balancer = this.group("balancer", "etcd load balancer");
      this.balancerGroupId = balancer;
      for (const group of apiServers) this.allow(balancer, `balancer-from-${group}`, group, ports.client);
      this.allow(members, "client-from-balancer", balancer, ports.client);
      this.allow(members, "metrics-from-balancer", balancer, ports.metrics);
      this.allowOut(balancer, "balancer-to-client", members, ports.client);
      this.allowOut(balancer, "balancer-to-metrics", members, ports.metrics);
    }
    this.registerOutputs({ memberGroupId: this.memberGroupId, balancerGroupId: this.balancerGroupId });
  }

  /** What members reach outside the cluster. The stack's endpoints open the way to themselves. */
  private allowOutside(members: pulumi.Output<string>): void {
    for (const { purpose, ipProtocol, port, ranges, prefixList } of destinations(this.args)) {
      const targets = [
        ...ranges.map((cidrIpv4) => ({ cidrIpv4, prefixListId: undefined })),
        ...(prefixList === undefined ? [] : [{ cidrIpv4: undefined, prefixListId: prefixList }]),
      ];
      for (const { cidrIpv4, prefixListId } of targets) {
        new aws.vpc.SecurityGroupEgressRule(
          `${this.name}-${ipProtocol}-${port}-to-${(cidrIpv4 ?? prefixListId).replace("/", "-")}`,
          {
            description: purpose,
            securityGroupId: members,
            ...{ cidrIpv4, prefixListId, ipProtocol },
            ...{ fromPort: port, toPort: port },
          },
          { parent: this },
        );
      }
    }
  }

  private group(role: string, description: string): pulumi.Output<string> {
    const { cluster, network } = this.args;
    return new aws.ec2.SecurityGroup(
      `${this.name}-${role}`,
      {
        description: `${description} of ${cluster}`,
        vpcId: network.vpc,
        tags: clusterTags(this.args, `${cluster}-etcd-${role}`),
      },
      { parent: this },
    ).id;
  }

  private allow(to: pulumi.Output<string>, name: string, from: pulumi.Input<string>, port: number): void {
    new aws.vpc.SecurityGroupIngressRule(
      `${this.name}-${name}`,
      {
        securityGroupId: to,
        referencedSecurityGroupId: from,
        ipProtocol: "tcp",
        fromPort: port,
        toPort: port,
      },
      { parent: this },
    );
  }

  private allowOut(from: pulumi.Output<string>, name: string, to: pulumi.Output<string>, port: number): void {
    new aws.vpc.SecurityGroupEgressRule(
      `${this.name}-${name}`,
      {
        securityGroupId: from,
        referencedSecurityGroupId: to,
        ipProtocol: "tcp",
        fromPort: port,
        toPort: port,
      },
      { parent: this },
    );
  }
}
