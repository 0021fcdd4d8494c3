import type { ClusterSpec, MemberSpec, Subnet } from "./clusterSpec";
import { dnsNameProblem } from "./aws/names";
import { instanceTypeProblem } from "./aws/instanceTypes";
import { parseArn, regionOfZone } from "./aws/partitions";
import { likeAnother, tagLimits, tagProblem } from "./aws/tags";
import type { Problem } from "./rules";
import { secretText } from "./secret";
import { sizes } from "./sizes";
import { overlap } from "./subnets";

/** The part of a declaration that AWS' rules across several settings look at. */
export type AwsRuledSpec = Pick<
  ClusterSpec,
  "cluster" | "environment" | "members" | "machine" | "network" | "alarms" | "tags" | "size"
>;

/** How many tags this project puts on a machine; no other resource has more. */
const ownTags = 7;

/**
 * What AWS would refuse when resources are made, in the order of the declaration.
 * @param region the stack's, if it is known
 */
export function awsProblems(spec: AwsRuledSpec, region?: string): Problem[] {
  return [
    ...names(spec),
    ...reservations(spec),
    ...fallbackType(spec),
    ...regions(spec, region),
    ...subnets(spec.network.subnets),
    ...entries(spec.network),
    ...listedTwice(spec.network),
    ...tags(spec.tags),
  ];
}

function names({ cluster, members, network }: AwsRuledSpec): Problem[] {
  const domain = `${cluster}.${network.privateZone.name}`;
  const own = members.flatMap(({ name }, index): Problem[] => {
    const path = `members[${index}].name`;
    const long = dnsNameProblem(`${name}.${domain}`);
    if (name === "etcd")
      return [{ path, message: `"etcd" is the load balancer's name, etcd.${domain}; choose another name` }];
    return long === undefined ? [] : [{ path, message: long }];
  });
  const zone = dnsNameProblem(`_etcd-server-ssl._tcp.${domain}`);
  return zone === undefined ? own : [...own, { path: "network.privateZone.name", message: zone }];
}

/** A reservation covers one zone and one instance type. */
function reservations({ members, machine, network, size }: AwsRuledSpec): Problem[] {
  const used = members.flatMap((member, index) => {
    const reservation = member.capacityReservation ?? machine.capacityReservation;
    if (reservation === undefined) return [];
    const path =
      member.capacityReservation === undefined
        ? "machine.capacityReservation"
        : `members[${index}].capacityReservation`;
    const type = member.fallback
      ? machine.fallbackInstanceType
      : sizes[size].instanceType[machine.architecture];
    const place = `${network.subnets[member.subnet]?.zone} on ${type}`;
    return [{ reservation, path, place, name: member.name }];
  });
  const found = used.flatMap((each, index): Problem[] => {
    const first = used.slice(0, index).find(({ reservation }) => reservation === each.reservation);
    if (first === undefined || first.place === each.place) return [];
    const message = `${each.reservation}: a reservation covers one zone and one type (AWS), but ${first.name} is in ${first.place} and ${each.name} in ${each.place}; set members[].capacityReservation for each`;
    return [{ path: each.path, message }];
  });
  // A setting that all members share is reported once.
  return found.filter(({ path }, index) => found.findIndex((other) => other.path === path) === index);
}

function fallbackType({ machine, environment }: AwsRuledSpec): Problem[] {
  const { fallbackInstanceType: type, architecture } = machine;
  if (type === undefined) return [];
  const problem = instanceTypeProblem(type, { architecture, production: environment === "production" });
  return problem === undefined
    ? []
    : [{ path: "machine.fallbackInstanceType", message: `"${type}" ${problem}` }];
}

/** Subnets, topic and stack must be in one region. */
function regions({ network, alarms }: AwsRuledSpec, region?: string): Problem[] {
  const declared = [
    ...Object.entries(network.subnets).map(([name, { zone }]) => ({
      path: `network.subnets.${name}.zone`,
      value: zone,
      of: regionOfZone(zone),
    })),
    ...(alarms === undefined || alarms.topicArn === secretText
      ? []
      : [{ path: "alarms.topicArn", value: alarms.topicArn, of: parseArn(alarms.topicArn)?.region }]),
  ];
  const [stack, whose] =
    region === undefined
      ? [declared[0]?.of, `that of ${declared[0]?.path}`]
      : [region, "the stack's (aws:region)"];
  return declared
    .filter(({ of }) => of !== stack)
    .map(({ path, value, of }) => ({
      path,
      message: `"${value}" is in region ${of}, not ${stack}, ${whose}; a cluster lives in one region`,
    }));
}

function subnets(declared: Readonly<Record<string, Subnet>>): Problem[] {
  const entries = Object.entries(declared);
  return entries.flatMap(([name, subnet], index) =>
    entries.slice(0, index).flatMap(([other, before]): Problem[] => {
      if (before.id === subnet.id)
        return [
          {
            path: `network.subnets.${name}.id`,
            message: `"${subnet.id}" is already ${other}'s; give each subnet one key`,
          },
        ];
      if (!overlap(before.range, subnet.range)) return [];
      const message = `"${subnet.range}" overlaps ${other}'s ${before.range}; subnets of a VPC do not (AWS): give the ranges as they are in the VPC`;
      return [{ path: `network.subnets.${name}.range`, message }];
    }),
  );
}

/** A balancer and an endpoint take one subnet per zone. */
function entries({ subnets, entrySubnets = [] }: AwsRuledSpec["network"]): Problem[] {
  return entrySubnets.flatMap((name, index): Problem[] => {
    const path = `network.entrySubnets[${index}]`;
    const zone = subnets[name]?.zone;
    if (zone === undefined) {
      const known = Object.keys(subnets).join(", ");
      return [{ path, message: `"${name}" is not a key of network.subnets (${known})` }];
    }
    const before = entrySubnets.slice(0, index).find((other) => subnets[other]?.zone === zone);
    if (before === undefined) return [];
    const message = `"${name}" is in ${zone}, like ${before}; a balancer takes one subnet per zone (AWS)`;
    return [{ path, message }];
  });
}

function listedTwice(network: AwsRuledSpec["network"]): Problem[] {
  return (["apiServerSecurityGroups", "monitoringSecurityGroups"] as const).flatMap((key) =>
    network[key].flatMap((group, index): Problem[] => {
      const first = network[key].indexOf(group);
      return first === index
        ? []
        : [
            {
              path: `network.${key}[${index}]`,
              message: `"${group}" is already listed as ${key}[${first}]; AWS takes a rule only once`,
            },
          ];
    }),
  );
}

function tags(declared: Readonly<Record<string, string>>): Problem[] {
  const keys = Object.keys(declared);
  const count = keys.length + ownTags;
  const single = Object.entries(declared).flatMap(([key, value]): Problem[] => {
    const message = tagProblem(key, value === secretText ? "" : value);
    return message === undefined ? [] : [{ path: `tags.${key}`, message }];
  });
  const alike = likeAnother(keys).map(({ key, like }) => ({
    path: `tags.${key}`,
    message: `differs from "${like}" only in case; IAM treats the two as one: keep one of them`,
  }));
  const found = [...single, ...alike];
  if (count <= tagLimits.count) return found;
  const message = `${keys.length} tags; with this project's own ${ownTags}, a machine has ${count}, and AWS takes ${tagLimits.count}: drop ${count - tagLimits.count}`;
  return [...found, { path: "tags", message }];
}

/** The reservation that a member's machine uses, if any. */
export function reservationOf(
  { machine }: Pick<ClusterSpec, "machine">,
  member: Pick<MemberSpec, "capacityReservation">,
): string | undefined {
  return member.capacityReservation ?? machine.capacityReservation;
}
