import type { ClusterSpec } from "../spec";

/** Tag names that components, policies, hooks and tools share. */
export const tagNames = {
  cluster: "etcd:cluster",
  member: "etcd:member",
  environment: "etcd:environment",
  version: "etcd:version",
  generation: "etcd:generation",
  deletionProtection: "etcd:deletion-protection",
  /** Only on data volumes, with the cluster as its value: volume snapshot schedules select by it. */
  dataVolume: "etcd:data-volume",
} as const;

/** The tags of everything that belongs to a cluster: the declared ones and the cluster's own. */
export function clusterTags(spec: Pick<ClusterSpec, "cluster" | "environment" | "tags">, name: string) {
  return {
    ...spec.tags,
    Name: name,
    [tagNames.cluster]: spec.cluster,
    [tagNames.environment]: spec.environment,
  };
}
