import type { ClusterSpec, Subnet } from "./clusterSpec";

/** Keys of subnets by zone, in alphabetical order, which is how Pulumi orders a map. */
function byZone({ subnets }: Pick<ClusterSpec["network"], "subnets">): Map<string, string[]> {
  const zones = new Map<string, string[]>();
  for (const name of Object.keys(subnets).sort()) {
    const { zone } = subnets[name]!;
    zones.set(zone, [...(zones.get(zone) ?? []), name]);
  }
  return zones;
}

/**
 * Keys of the subnets that the load balancer and the endpoints use: one per zone, because AWS takes no second one.
 * `network.entrySubnets` names them; in every other zone it is the first by its key. They depend on the network's
 * subnets, not on the members, so moving a member touches neither.
 */
export function entrySubnetKeys(network: Pick<ClusterSpec["network"], "subnets" | "entrySubnets">): string[] {
  const { entrySubnets = [] } = network;
  return [...byZone(network).values()].map(
    (names) => names.find((name) => entrySubnets.includes(name)) ?? names[0]!,
  );
}

export function entrySubnets(network: Pick<ClusterSpec["network"], "subnets" | "entrySubnets">): Subnet[] {
  return entrySubnetKeys(network).map((name) => network.subnets[name]!);
}
