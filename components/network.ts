import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { ports } from "../machine/addresses";
import type { ClusterSpec } from "../spec";
import { clusterTags } from "./tags";

export interface EtcdNetworkArgs extends Pick<ClusterSpec, "cluster" | "environment" | "tags" | "network"> {
  /** Whether a load balancer stands in front of the members. */
  balancer: boolean;
}

/**
 * Who may reach whom, by security-group reference alone: 2379 from API servers, the balancer and members
 * (a member that joins or backs up is a client of the others), 2380 among members, 2381 from the balancer
 * and monitoring. Nothing is public. Outwards a member reaches its peers, and https where a NAT gateway
 * serves the subnets; without one {@link EtcdEndpoints} opens the way to its endpoints.
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
    const clients = args.network.apiServerSecurityGroups.map((group, index): [string, string] => [
      `api${index}`,
      group,
    ]);

    this.allow(members, "client-from-members", members, ports.client);
    this.allow(members, "peer-from-members", members, ports.peer);
    this.allowOut(members, "client-to-members", members, ports.client);
    this.allowOut(members, "peer-to-members", members, ports.peer);
    for (const [source, group] of clients) this.allow(members, `client-from-${source}`, group, ports.client);
    args.network.monitoringSecurityGroups.forEach((group, index) =>
      this.allow(members, `metrics-from-monitoring${index}`, group, ports.metrics),
    );
    if (args.network.outbound !== "endpoints") {
      new aws.vpc.SecurityGroupEgressRule(
        `${name}-https-out`,
        {
          description: "AWS APIs and the etcd mirror",
          securityGroupId: members,
          cidrIpv4: "0.0.0.0/0",
          ipProtocol: "tcp",
          fromPort: 443,
          toPort: 443,
        },
        { parent: this },
      );
    }

    if (args.balancer) {
      const balancer = this.group("balancer", "etcd load balancer");
      this.balancerGroupId = balancer;
      for (const [source, group] of clients)
        this.allow(balancer, `balancer-from-${source}`, group, ports.client);
      this.allow(members, "client-from-balancer", balancer, ports.client);
      this.allow(members, "metrics-from-balancer", balancer, ports.metrics);
      this.allowOut(balancer, "balancer-to-client", members, ports.client);
      this.allowOut(balancer, "balancer-to-metrics", members, ports.metrics);
    }
    this.registerOutputs({ memberGroupId: this.memberGroupId, balancerGroupId: this.balancerGroupId });
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
