import type { ClusterSpec, Subnet } from "./clusterSpec";

/** Keys of subnets by their zones, each in the order of the alphabet, which is Pulumi's own for a map. */
function byZone({ subnets }: Pick<ClusterSpec["network"], "subnets">): Map<string, string[]> {
  const zones = new Map<string, string[]>();
  for (const name of Object.keys(subnets).sort()) {
    const { zone } = subnets[name]!;
    zones.set(zone, [...(zones.get(zone) ?? []), name]);
  }
  return zones;
}

/**
 * Keys of the subnets in which the load balancer and the endpoints stand: one a zone, as AWS takes no second
 * one there. Those that `network.entrySubnets` names, in other zones the first by its key. They follow the
 * network's subnets and not the members, so that a member that moves touches neither.
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
