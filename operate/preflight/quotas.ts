import { DescribeInstanceTypesCommand, type _InstanceType } from "@aws-sdk/client-ec2";
import {
  DescribeAccountLimitsCommand,
  paginateDescribeLoadBalancers,
} from "@aws-sdk/client-elastic-load-balancing-v2";
import { GetServiceQuotaCommand } from "@aws-sdk/client-service-quotas";
import { instances } from "../../aws/readers";
import { tagNames } from "../../contract/tags";
import { parseInstanceType } from "../../spec/aws/instanceTypes";
import { foreignEndpoints } from "./endpoints";
import { look, NotKnown, type Finding, type Seen } from "./finding";
import type { Account } from "./needs";

/** Families that share the quota of standard machines (https://docs.aws.amazon.com/ec2/latest/instancetypes/ec2-instance-quotas.html). */
const standard = new Set("a c d h i im is m r t z".split(" "));

/**
 * What the account may have, beside what it has already. A cluster takes no Elastic IP address: machines, balancer and
 * endpoints have private ones alone.
 */
export function quotaLooks(account: Account): Promise<Finding>[] {
  const { balancer, endpoints } = account.needs;
  return [
    vcpus(account),
    ...(balancer === undefined ? [] : [balancers(account, balancer)]),
    ...(endpoints.length === 0 ? [] : [interfaceEndpoints(account)]),
  ];
}

function vcpus(account: Account): Promise<Finding> {
  const { needs, aws, signal } = account;
  return look("quota", "vCPUs", { signal }, async () => {
    const odd = needs.machines.find(({ type }) => !isStandard(type));
    if (odd !== undefined)
      throw new NotKnown(`${odd.type} has a quota of its own: look it up in the console of Service Quotas`);
    const limit = await quota(account, "ec2", "L-1216C47A");
    const running = await instances(
      aws.ec2,
      { Filters: [{ Name: "instance-state-name", Values: ["pending", "running"] }] },
      { abortSignal: signal },
    );
    // Machines that the cluster has already are among the declared ones.
    const others = running.filter(
      ({ InstanceType, InstanceLifecycle, Tags = [] }) =>
        isStandard(InstanceType!) &&
        InstanceLifecycle === undefined &&
        !Tags.some(({ Key, Value }) => Key === tagNames.cluster && Value === needs.spec.cluster),
    );
    const of = await vcpusByType(account, [
      ...needs.machines.map(({ type }) => type),
      ...others.map(({ InstanceType }) => String(InstanceType)),
    ]);
    const sum = (types: string[]) => types.reduce((total, type) => total + of.get(type)!, 0);
    const needed = sum(needs.machines.map(({ type }) => type));
    const used = sum(others.map(({ InstanceType }) => String(InstanceType)));
    return fits(needed, used, limit, "Running On-Demand Standard instances (L-1216C47A)");
  });
}

function balancers({ aws, signal }: Account, own: string): Promise<Finding> {
  return look("quota", "network load balancers", { signal }, async () => {
    const until = { abortSignal: signal };
    const { Limits = [] } = await aws.balancer.send(new DescribeAccountLimitsCommand({}), until);
    const limit = Limits.find(({ Name }) => Name === "network-load-balancers")?.Max;
    if (limit === undefined) throw new NotKnown("Elastic Load Balancing tells no limit of them");
    let used = 0;
    for await (const { LoadBalancers = [] } of paginateDescribeLoadBalancers(
      { client: aws.balancer },
      {},
      until,
    ))
      used += LoadBalancers.filter(
        ({ Type, LoadBalancerName }) => Type === "network" && LoadBalancerName !== own,
      ).length;
    return fits(1, used, Number(limit), "Network Load Balancers per Region (L-69A177A2)");
  });
}

function interfaceEndpoints(account: Account): Promise<Finding> {
  const { needs, signal } = account;
  return look("quota", "interface endpoints", { signal }, async () => {
    const limit = await quota(account, "vpc", "L-29B6F2EB");
    const used = (await foreignEndpoints(account)).filter(
      ({ VpcEndpointType }) => VpcEndpointType === "Interface",
    ).length;
    return fits(needs.endpoints.length, used, limit, "Interface VPC endpoints per VPC (L-29B6F2EB)");
  });
}

async function quota({ aws, signal }: Account, ServiceCode: string, QuotaCode: string): Promise<number> {
  const command = new GetServiceQuotaCommand({ ServiceCode, QuotaCode });
  const { Quota } = await aws.quotas.send(command, { abortSignal: signal });
  if (Quota?.Value === undefined) throw new NotKnown(`Service Quotas tells no value of ${QuotaCode}`);
  return Quota.Value;
}

async function vcpusByType({ aws, signal }: Account, types: string[]): Promise<Map<string, number>> {
  const InstanceTypes = [...new Set(types)] as _InstanceType[];
  const found = new Map<string, number>();
  // EC2 takes a hundred types at once.
  for (let at = 0; at < InstanceTypes.length; at += 100) {
    const command = new DescribeInstanceTypesCommand({ InstanceTypes: InstanceTypes.slice(at, at + 100) });
    const answer = await aws.ec2.send(command, { abortSignal: signal });
    for (const { InstanceType, VCpuInfo } of answer.InstanceTypes ?? [])
      found.set(String(InstanceType), VCpuInfo!.DefaultVCpus!);
  }
  return found;
}

function isStandard(type: string): boolean {
  return standard.has(parseInstanceType(type)?.series ?? "");
}

function fits(needed: number, used: number, limit: number, name: string): Seen {
  const seen = `${needed} needed, ${used} in use, ${limit} allowed`;
  return { seen, problems: needed + used <= limit ? [] : [`${seen}: ask for more of ${name}`] };
}
