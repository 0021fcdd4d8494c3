import {
  paginateDescribeInstances,
  type DescribeInstancesCommandInput,
  type EC2Client,
  type Instance,
} from "@aws-sdk/client-ec2";
import {
  DescribeTargetGroupsCommand,
  DescribeTargetHealthCommand,
  TargetGroupNotFoundException,
  type ElasticLoadBalancingV2Client,
} from "@aws-sdk/client-elastic-load-balancing-v2";
import { paginateGetParametersByPath, type Parameter, type SSMClient } from "@aws-sdk/client-ssm";

/** How long a caller waits for an answer. */
export interface Until {
  abortSignal?: AbortSignal;
}

/** A parameter as Parameter Store holds it. */
export interface StoredParameter {
  name: string;
  value: string;
  /** When it was last written, by AWS' clock. */
  written: Date;
}

/** A target of a load balancer, in AWS' words. */
export interface Target {
  /** For example `healthy`. */
  state: string;
  /** Why it is not healthy, if AWS says so. */
  reason?: string;
}

/** Every parameter below a path, at any depth. */
export async function parametersBelow(
  ssm: SSMClient,
  path: string,
  until: Until = {},
): Promise<StoredParameter[]> {
  const found: StoredParameter[] = [];
  const pages = paginateGetParametersByPath({ client: ssm }, { Path: path, Recursive: true }, until);
  for await (const { Parameters = [] } of pages) found.push(...Parameters.map(stored));
  return found;
}

export function stored({ Name, Value, LastModifiedDate }: Parameter): StoredParameter {
  return { name: Name!, value: Value!, written: LastModifiedDate! };
}

/** Machines by EC2's ids or filters, without those that are shutting down or gone. */
export async function instances(
  ec2: EC2Client,
  which: Pick<DescribeInstancesCommandInput, "InstanceIds" | "Filters">,
  until: Until = {},
): Promise<Instance[]> {
  const found: Instance[] = [];
  for await (const { Reservations = [] } of paginateDescribeInstances({ client: ec2 }, which, until))
    found.push(...Reservations.flatMap(({ Instances = [] }) => Instances));
  return found.filter(({ State }) => !["shutting-down", "terminated"].includes(State?.Name ?? ""));
}

/** The ARN of a target group; undefined if none has that name (yet). */
export async function targetGroup(
  balancer: ElasticLoadBalancingV2Client,
  name: string,
  until: Until = {},
): Promise<string | undefined> {
  try {
    const { TargetGroups } = await balancer.send(new DescribeTargetGroupsCommand({ Names: [name] }), until);
    return TargetGroups?.[0]?.TargetGroupArn;
  } catch (error) {
    if (error instanceof TargetGroupNotFoundException) return undefined;
    throw error;
  }
}

/** The targets of a target group by address. */
export async function targetHealth(
  balancer: ElasticLoadBalancingV2Client,
  TargetGroupArn: string,
  until: Until = {},
): Promise<Record<string, Target>> {
  const { TargetHealthDescriptions: all = [] } = await balancer.send(
    new DescribeTargetHealthCommand({ TargetGroupArn }),
    until,
  );
  return Object.fromEntries(
    all.map(({ Target, TargetHealth }) => [
      Target?.Id ?? "",
      { state: TargetHealth?.State ?? "unknown", reason: TargetHealth?.Description ?? TargetHealth?.Reason },
    ]),
  );
}
