import type { ClusterSpec, MemberSpec } from "../spec";

/** etcd's ports: clients, peers, and health with metrics (https://etcd.io/docs/current/op-guide/configuration/). */
export const ports = { client: 2379, peer: 2380, metrics: 2381 } as const;

/** The domain of a cluster's names: one level below the private zone. */
export function clusterDomain(spec: Pick<ClusterSpec, "cluster" | "network">): string {
  return `${spec.cluster}.${spec.network.privateZone.name}`;
}

/** A member's DNS name, for example `member1.prod.etcd.internal`. */
export function memberDnsName(spec: Pick<ClusterSpec, "cluster" | "network">, member: string): string {
  return `${member}.${clusterDomain(spec)}`;
}

/** The load balancer's DNS name, for example `etcd.prod.etcd.internal`; every server certificate carries it. */
export function balancerDnsName(spec: Pick<ClusterSpec, "cluster" | "network">): string {
  return `etcd.${clusterDomain(spec)}`;
}

/** The host in a member's URLs: its address, or with dns discovery its DNS name. */
export function memberHost(
  spec: Pick<ClusterSpec, "cluster" | "network" | "discovery">,
  member: Pick<MemberSpec, "name" | "address">,
): string {
  return spec.discovery === "dns" ? memberDnsName(spec, member.name) : member.address;
}

/** The endpoints that API servers get: every member, or the balancer alone. */
export function clientEndpoints(
  spec: Pick<ClusterSpec, "cluster" | "network" | "discovery" | "members" | "apiServer">,
): string[] {
  const hosts =
    spec.apiServer.endpoints === "loadBalancer"
      ? [balancerDnsName(spec)]
      : spec.members.map((member) => memberHost(spec, member));
  return hosts.map((host) => `https://${host}:${ports.client}`);
}
