import { at, items, refersTo, shown, unknown, type Resource, type Value } from "./resource";
import type { Member } from "./members";

/** One way in through a security group. */
export interface Ingress {
  /** The group, or the separate resource that opens it. */
  resource: Resource;
  protocol: Value;
  from: Value;
  to: Value;
  /** CIDR ranges and prefix lists that it is open to. */
  ranges: Value[];
  /** Groups of this stack that it is open to. */
  groups: Resource[];
  /** Whether it is open to groups that this stack does not make. */
  foreignGroups: boolean;
  self: boolean;
}

const groupTypes = [
  "aws:ec2/securityGroup:SecurityGroup",
  "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup",
];
const ruleTypes = [
  "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule",
  "aws:ec2/securityGroupRule:SecurityGroupRule",
];

/** The stack's security groups that a member is in. */
export function groupsOf(member: Member, resources: readonly Resource[]): Resource[] {
  const groups = resources.filter(({ type }) => groupTypes.includes(type));
  const holders: [Resource, string][] = member.interfaces.map((each) => [each, "securityGroups"]);
  if (member.instance)
    holders.push([member.instance, "vpcSecurityGroupIds"], [member.instance, "securityGroups"]);
  return groups.filter((group) => holders.some(([holder, property]) => refersTo(holder, property, group)));
}

/** Every way in through a group: its own list, and the resources that add to it. */
export function ingressOf(group: Resource, resources: readonly Resource[]): Ingress[] {
  const groups = resources.filter(({ type }) => groupTypes.includes(type));
  const inline = items(at(group.props, "ingress")).map((rule): Ingress => {
    const lists = ["cidrBlocks", "ipv6CidrBlocks", "prefixListIds"].map((key) => items(at(rule, key)));
    const named = items(at(rule, "securityGroups"));
    return {
      resource: group,
      protocol: at(rule, "protocol"),
      from: at(rule, "fromPort"),
      to: at(rule, "toPort"),
      ranges: lists.flat(),
      groups: groups.filter(({ props }) => named.includes(props.id)),
      foreignGroups: named.length > 0,
      self: at(rule, "self") === true,
    };
  });
  const separate = resources
    .filter(({ type, props }) => ruleTypes.includes(type) && (props.type ?? "ingress") === "ingress")
    .filter((rule) => refersTo(rule, "securityGroupId", group))
    .map((resource): Ingress => {
      const { props } = resource;
      const single = ["cidrIpv4", "cidrIpv6", "prefixListId"].flatMap((key) => props[key] ?? []);
      const lists = ["cidrBlocks", "ipv6CidrBlocks", "prefixListIds"].flatMap((key) => items(props[key]));
      const sources = ["referencedSecurityGroupId", "sourceSecurityGroupId"];
      const from = groups.filter((each) => sources.some((property) => refersTo(resource, property, each)));
      return {
        resource,
        protocol: props.ipProtocol ?? props.protocol,
        from: props.fromPort,
        to: props.toPort,
        ranges: [...single, ...lists],
        groups: from,
        foreignGroups: from.length === 0 && sources.some((property) => props[property] !== undefined),
        self: props.self === true,
      };
    });
  return [...inline, ...separate];
}

/** Whether a way in reaches a TCP port; unknown if its protocol or ports are. */
export function reachesPort({ protocol, from, to }: Ingress, port: number): boolean | typeof unknown {
  if (protocol === unknown) return unknown;
  const name = shown(protocol);
  if (["-1", "all"].includes(name)) return true;
  if (!["tcp", "6"].includes(name)) return false;
  if (from === unknown || to === unknown) return unknown;
  return Number(from) <= port && port <= Number(to);
}
