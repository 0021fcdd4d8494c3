import type { ClusterSpec, Subnet } from "../spec";

/**
 * One of the members' subnets for each of their zones, in the order of the members: a balancer and an
 * interface endpoint take one subnet a zone, and serve the whole zone from it.
 */
export function oneSubnetPerZone({ members, network }: Pick<ClusterSpec, "members" | "network">): Subnet[] {
  const byZone = new Map<string, Subnet>();
  for (const member of members) {
    const subnet = network.subnets[member.subnet]!;
    if (!byZone.has(subnet.zone)) byZone.set(subnet.zone, subnet);
  }
  return [...byZone.values()];
}
