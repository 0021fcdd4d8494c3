import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { ClusterSpec } from "../spec";
import type { EtcdLoadBalancer } from "./loadBalancer";
import { alarmName, statusAlarm } from "../contract/alarms";
import { clusterTags } from "../contract/tags";

export interface EtcdAlarmsArgs extends Pick<
  ClusterSpec,
  "cluster" | "environment" | "tags" | "members" | "backups"
> {
  /** ARN of the SNS topic that is notified when an alarm goes off and when it is over. */
  topicArn: string;
  /** Ids of the machines, in the order of the members. */
  instanceIds: readonly pulumi.Input<string>[];
  /** The balancer before the members, if there is one. */
  balancer?: Pick<EtcdLoadBalancer, "arnSuffix" | "targetGroupArnSuffix">;
}

/** What an alarm watches. It goes off at or above the threshold in each of this many consecutive periods. */
interface Watched {
  description: string;
  namespace: string;
  metricName: string;
  dimensions: Record<string, pulumi.Input<string>>;
  /** What a period without a figure counts as. */
  treatMissingData: "breaching" | "missing" | "notBreaching";
  /** @default 1 */
  threshold?: number;
  /** Seconds. @default 60 */
  period?: number;
  /** @default 3 */
  evaluationPeriods?: number;
}

/** Seconds between two figures from members, by the refresh timer. */
const memberPeriod = 300;

/**
 * CloudWatch alarms. They cover a member that the balancer finds unhealthy, a machine that fails EC2's status
 * checks, and what members write to the namespace `etcd`: the newest backup's age, a failed backup, a store close
 * to its quota. The first says that etcd is not ready there. The second says that AWS' hardware or network is at
 * fault, or that the machine hangs.
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
        // A balancer that exists counts its targets every minute: without a figure nobody checks them.
        treatMissingData: "breaching",
      });
    }
    members.forEach((member, index) => {
      this.alarm(statusAlarm(member.name), {
        description: `The machine of etcd ${cluster} ${member.name} fails EC2's status checks`,
        namespace: "AWS/EC2",
        metricName: "StatusCheckFailed",
        dimensions: { InstanceId: instanceIds[index]! },
        // A machine has no figure while it is stopped or has just been made, as in every roll. The balancer sees
        // whether a member is down.
        treatMissingData: "missing",
      });
    });
    this.memberAlarms();
    this.registerOutputs({});
  }

  /** Alarms on what members say about the cluster; the worst of them counts. */
  private memberAlarms(): void {
    const { cluster, backups } = this.args;
    const shared = { namespace: "etcd", dimensions: { Cluster: cluster }, period: memberPeriod };
    this.alarm("backup-age", {
      ...shared,
      description: `The newest backup of etcd ${cluster} is older than two intervals, or no member says how old it is`,
      metricName: "BackupAge",
      threshold: 2 * backups.interval * 60,
      treatMissingData: "breaching",
    });
    this.alarm("backup-failed", {
      ...shared,
      description: `A backup of etcd ${cluster} failed; the member's log says why`,
      metricName: "BackupFailures",
      evaluationPeriods: 1,
      treatMissingData: "notBreaching",
    });
    this.alarm("quota", {
      ...shared,
      description: `The store of etcd ${cluster} is at three quarters of its quota; at the quota it takes no more writes`,
      metricName: "QuotaShare",
      threshold: 75,
      treatMissingData: "missing",
    });
  }

  private alarm(what: string, { description, evaluationPeriods = 3, ...watched }: Watched): void {
    const { cluster, topicArn } = this.args;
    new aws.cloudwatch.MetricAlarm(
      `${this.name}-${what}`,
      {
        name: alarmName(cluster, what),
        alarmDescription: description,
        statistic: "Maximum",
        comparisonOperator: "GreaterThanOrEqualToThreshold",
        threshold: 1,
        period: 60,
        ...watched,
        evaluationPeriods,
        datapointsToAlarm: evaluationPeriods,
        alarmActions: [topicArn],
        okActions: [topicArn],
        tags: clusterTags(this.args, `${cluster}-etcd-${what}`),
      },
      { parent: this },
    );
  }
}
