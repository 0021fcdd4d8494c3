import type { ClusterSpec } from "./clusterSpec";

/** Where a mirror stands, seen from subnets whose only way out is VPC endpoints. */
export type MirrorPlace = "s3" | "internet" | "network";

/**
 * Tells where a mirror stands by its host's name: in S3, which an endpoint reaches; at GitHub, which none
 * does; else in the VPC or in a network that is routed to it, as no other is in reach.
 */
export function mirrorPlace({ mirror }: Pick<ClusterSpec, "mirror">): MirrorPlace {
  const { hostname } = new URL(mirror);
  if (/(^|\.)s3[.-][a-z0-9.-]*amazonaws\.com$/.test(hostname)) return "s3";
  return /(^|\.)github(usercontent)?\.com$/.test(hostname) ? "internet" : "network";
}

/** The TCP port of a mirror. */
export function mirrorPort({ mirror }: Pick<ClusterSpec, "mirror">): number {
  const { port, protocol } = new URL(mirror);
  return port === "" ? { "http:": 80, "https:": 443 }[protocol]! : Number(port);
}
