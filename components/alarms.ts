import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { ClusterSpec } from "../spec";
import type { EtcdLoadBalancer } from "./loadBalancer";
import { clusterTags } from "./tags";

export interface EtcdAlarmsArgs extends Pick<ClusterSpec, "cluster" | "environment" | "tags" | "members"> {
  /** ARN of the SNS topic that is told when an alarm goes off, and when it is over. */
  topicArn: string;
  /** Ids of the machines, in the order of the members. */
  instanceIds: readonly pulumi.Input<string>[];
  /** The balancer before the members, if there is one. */
  balancer?: Pick<EtcdLoadBalancer, "arnSuffix" | "targetGroupArnSuffix">;
}

/** What an alarm watches; it goes off at 1 or more in each of three minutes in a row. */
interface Watched {
  description: string;
  namespace: string;
  metricName: string;
  dimensions: Record<string, pulumi.Input<string>>;
  /** What a minute without a figure counts as. */
  treatMissingData: "breaching" | "missing";
}

/**
 * CloudWatch alarms: a member that the balancer finds unhealthy, and a machine that fails EC2's status
 * checks. The first says that etcd is not ready there, the second that AWS' hardware or network is at
 * fault, or the machine hangs.
 *
 * @example
 * new EtcdAlarms("prod", { ...spec, topicArn, instanceIds, balancer });
 */
export class EtcdAlarms extends pulumi.ComponentResource {
  constructor(
    private readonly name: string,
    private readonly args: EtcdAlarmsArgs,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super("etcd:index:EtcdAlarms", name, { cluster: args.cluster, topicArn: args.topicArn }, opts);
    const { cluster, balancer, members, instanceIds } = args;
    if (balancer) {
      this.alarm("unhealthy-members", {
        description: `etcd members of ${cluster} are not ready`,
        namespace: "AWS/NetworkELB",
        metricName: "UnHealthyHostCount",
        dimensions: { LoadBalancer: balancer.arnSuffix, TargetGroup: balancer.targetGroupArnSuffix },
        // A balancer that stands counts its targets every minute: without a figure nobody looks at them.
        treatMissingData: "breaching",
      });
    }
    members.forEach((member, index) => {
      this.alarm(`${member.name}-status`, {
        description: `The machine of etcd ${cluster} ${member.name} fails EC2's status checks`,
        namespace: "AWS/EC2",
        metricName: "StatusCheckFailed",
        dimensions: { InstanceId: instanceIds[index]! },
        // A machine has no figure while it is stopped or has just been made, as in every roll. That a member
        // is down is what the balancer sees.
        treatMissingData: "missing",
      });
    });
    this.registerOutputs({});
  }

  private alarm(what: string, { description, ...watched }: Watched): void {
    const { cluster, topicArn } = this.args;
    new aws.cloudwatch.MetricAlarm(
      `${this.name}-${what}`,
      {
        name: `${cluster}-etcd-${what}`,
        alarmDescription: description,
        ...watched,
        statistic: "Maximum",
        period: 60,
        comparisonOperator: "GreaterThanOrEqualToThreshold",
        threshold: 1,
        evaluationPeriods: 3,
        datapointsToAlarm: 3,
        alarmActions: [topicArn],
        okActions: [topicArn],
        tags: clusterTags(this.args, `${cluster}-etcd-${what}`),
      },
      { parent: this },
    );
  }
}
