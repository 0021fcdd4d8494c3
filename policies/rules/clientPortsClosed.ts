import { z } from "zod";
import { ports } from "../../contract/addresses";
import type { Member } from "../resources/members";
import { groupsOf, ingressOf, reachesPort, type Ingress } from "../resources/firewall";
import { shown, unknown, type Resource } from "../resources/resource";
import { rule, type Finding, type Undecided } from "../rule";

export const clientPortsClosed = rule({
  name: "etcd-client-ports-closed",
  rule: "etcd's ports are open to security groups only: 2379 to API servers and the balancer, 2380 to members, 2381 to the balancer and monitoring",
  source: "Kubernetes: Operating etcd clusters, Securing etcd clusters; Ports and protocols",
  level: "mandatory",
  settings: z.strictObject({}),
  *check({ clusters, resources }) {
    for (const { members } of clusters) {
      const own = new Set(members.flatMap((member) => groupsOf(member, resources)));
      for (const member of members) {
        if (member.instance && groupsOf(member, resources).length === 0) yield withoutGroup(member);
      }
      const seen = new Set<Ingress["resource"]>();
      for (const group of own) {
        for (const ingress of ingressOf(group, resources)) {
          if (seen.has(ingress.resource) && ingress.resource !== group) continue;
          seen.add(ingress.resource);
          yield* judge(ingress, own, group);
        }
      }
    }
  },
});

function withoutGroup({ instance, interfaces }: Member): Finding | Undecided {
  const resource = instance!;
  const named = [...interfaces, resource].some(
    ({ props }) => props.securityGroups !== undefined || props.vpcSecurityGroupIds !== undefined,
  );
  return named
    ? { resource, undecided: "its security groups are not in this stack; what they open is not seen" }
    : {
        resource,
        problem: "it has no security group of its own: it gets the VPC's default one",
        mend: "Give its network interface a security group of its own",
      };
}

function* judge(
  ingress: Ingress,
  own: ReadonlySet<Resource>,
  group: Resource,
): Generator<Finding | Undecided> {
  const { resource, ranges, groups, foreignGroups } = ingress;
  const reach = Object.values(ports).map((port) => [port, reachesPort(ingress, port)] as const);
  if (reach.some(([, reached]) => reached === unknown)) {
    yield { resource, undecided: "its protocol or ports are secret or known only after a deployment" };
    return;
  }
  const open = reach.filter(([, reached]) => reached === true).map(([port]) => port);
  if (open.length === 0) return;
  if (ranges.length > 0) {
    yield {
      resource,
      problem: `${group.name} opens ${open.join(", ")} to ${ranges.map(shown).join(", ")}`,
      mend: "Open etcd's ports to security groups only, never to addresses",
    };
  }
  const strangers = groups.filter((each) => !own.has(each)).map(({ name }) => name);
  if (foreignGroups) strangers.push("a security group from elsewhere");
  if (open.includes(ports.peer) && strangers.length > 0) {
    yield {
      resource,
      problem: `${group.name} opens the peer port ${ports.peer} to ${strangers.join(", ")}`,
      mend: "Open it to the members' own security group only",
    };
  }
}
