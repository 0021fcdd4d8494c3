/** One target of the balancer, and what the balancer thinks of it, in AWS' words. */
export interface TargetHealth {
  address: string;
  port: number;
  state: string;
}

/** One machine as EC2 lists it. */
export interface ListedInstance {
  instanceId: string;
  address: string;
  launched: Date;
  /** As the instance is declared. */
  tags: Readonly<Record<string, string>>;
}

/** What commands and the quorum guard may ask EC2 and load balancing: the world as it is now. */
export interface Described {
  targetGroupArn(): string | undefined;
  targetHealth(): Promise<TargetHealth[]>;
  instances(): ListedInstance[];
}

/**
 * The answer to an action that describes the world, in the XML of AWS' query APIs; undefined for other actions. The
 * only filter it honours is a list of instances: there is no other cluster here.
 */
export async function describe(action: string, body: Buffer, world: Described): Promise<string | undefined> {
  switch (action) {
    case "elasticloadbalancing:DescribeTargetGroups": {
      const arn = world.targetGroupArn();
      const groups = arn ? element("member", element("TargetGroupArn", arn)) : "";
      return answer("DescribeTargetGroups", element("TargetGroups", groups));
    }
    case "elasticloadbalancing:DescribeTargetHealth":
      return answer(
        "DescribeTargetHealth",
        element("TargetHealthDescriptions", (await world.targetHealth()).map(targetXml).join("")),
      );
    case "ec2:DescribeInstances": {
      const ids = [...new URLSearchParams(body.toString())]
        .filter(([key]) => key.startsWith("InstanceId."))
        .map(([, id]) => id);
      const instances = world
        .instances()
        .filter(({ instanceId }) => ids.length === 0 || ids.includes(instanceId));
      const reservation = element("item", element("instancesSet", instances.map(instanceXml).join("")));
      return element("DescribeInstancesResponse", element("reservationSet", reservation));
    }
    default:
      return undefined;
  }
}

function targetXml({ address, port, state }: TargetHealth): string {
  const target = element("Target", element("Id", address) + element("Port", String(port)));
  return element("member", target + element("TargetHealth", element("State", state)));
}

function instanceXml({ instanceId, address, launched, tags: declared }: ListedInstance): string {
  const tags = Object.entries(declared)
    .map(([key, value]) => element("item", element("key", key) + element("value", value)))
    .join("");
  return element(
    "item",
    element("instanceId", instanceId) +
      element("instanceState", element("code", "16") + element("name", "running")) +
      element("privateIpAddress", address) +
      element("launchTime", launched.toISOString()) +
      element("tagSet", tags),
  );
}

const answer = (action: string, result: string) =>
  element(`${action}Response`, element(`${action}Result`, result));

const element = (name: string, content: string) => `<${name}>${content}</${name}>`;
