import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { balancerDnsName, ports } from "../contract/addresses";
import type { ClusterSpec } from "../spec";
import { clusterTags } from "../contract/tags";
import { entrySubnets } from "../spec/entrySubnets";

export interface EtcdLoadBalancerArgs extends Pick<
  ClusterSpec,
  "cluster" | "environment" | "tags" | "network" | "members" | "deletionProtection"
> {
  /** The balancer's own security group. */
  securityGroupId: pulumi.Input<string>;
}

/**
 * An internal network load balancer before the members. It passes TCP through, so that TLS stays between API server
 * and etcd, under a name in the private zone that every server certificate carries. It checks etcd's own `/readyz` on
 * 2381, not an open port: a member without a leader gets no connections. It is in the subnets that `network.subnets`
 * names, not in the members': a member may move, and AWS recreates a balancer that loses a subnet.
 */
export class EtcdLoadBalancer extends pulumi.ComponentResource {
  readonly dnsName: string;
  readonly targetGroupArn: pulumi.Output<string>;
  /** How CloudWatch's metrics name the balancer and its target group. */
  readonly arnSuffix: pulumi.Output<string>;
  readonly targetGroupArnSuffix: pulumi.Output<string>;

  constructor(name: string, args: EtcdLoadBalancerArgs, opts?: pulumi.ComponentResourceOptions) {
    const dnsName = balancerDnsName(args);
    const members = args.members.map(({ name, address }) => ({ name, address }));
    super("etcd:index:EtcdLoadBalancer", name, { cluster: args.cluster, dnsName, members }, opts);
    this.dnsName = dnsName;
    const tags = clusterTags(args, `${args.cluster}-etcd`);
    const child = { parent: this };
    const subnets = entrySubnets(args.network).map(({ id }) => id);

    const balancer = new aws.lb.LoadBalancer(
      name,
      {
        name: `${args.cluster}-etcd`,
        loadBalancerType: "network",
        internal: true,
        subnets,
        securityGroups: [args.securityGroupId],
        enableCrossZoneLoadBalancing: true,
        enableDeletionProtection: args.deletionProtection,
        tags,
      },
      child,
    );
    const targets = new aws.lb.TargetGroup(
      name,
      {
        name: `${args.cluster}-etcd`,
        vpcId: args.network.vpc,
        protocol: "TCP",
        port: ports.client,
        // A member keeps its address, so a replaced machine keeps its registration.
        targetType: "ip",
        preserveClientIp: "false",
        deregistrationDelay: 30,
        healthCheck: {
          protocol: "HTTP",
          port: String(ports.metrics),
          path: "/readyz",
          interval: 10,
          healthyThreshold: 2,
          unhealthyThreshold: 2,
        },
        tags,
      },
      child,
    );
    new aws.lb.Listener(
      name,
      {
        loadBalancerArn: balancer.arn,
        protocol: "TCP",
        port: ports.client,
        defaultActions: [{ type: "forward", targetGroupArn: targets.arn }],
        tags,
      },
      child,
    );
    for (const member of args.members) {
      new aws.lb.TargetGroupAttachment(
        `${name}-${member.name}`,
        { targetGroupArn: targets.arn, targetId: member.address, port: ports.client },
        child,
      );
    }
    new aws.route53.Record(
      name,
      {
        zoneId: args.network.privateZone.id,
        name: this.dnsName,
        type: "A",
        aliases: [{ name: balancer.dnsName, zoneId: balancer.zoneId, evaluateTargetHealth: false }],
      },
      child,
    );
    this.targetGroupArn = targets.arn;
    this.arnSuffix = balancer.arnSuffix;
    this.targetGroupArnSuffix = targets.arnSuffix;
    this.registerOutputs({ dnsName: this.dnsName, targetGroupArn: this.targetGroupArn });
  }
}
