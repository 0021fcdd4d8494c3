import type { ClusterSpec } from "./clusterSpec";
import type { Problem } from "./rules";

type Downloaded = Pick<ClusterSpec, "environment" | "version" | "mirror" | "checksums" | "machine">;

/** Over http, anyone on the path can replace what a machine downloads. */
export function checksumProblems({ mirror, checksums, machine, version }: Downloaded): Problem[] {
  const { architecture } = machine;
  if (checksums[architecture] !== undefined || !mirror.startsWith("http:")) return [];
  return [
    {
      path: `checksums.${architecture}`,
      message: `missing; ${mirror} is not https, so machines accept etcd only by its checksum: take it from SHA256SUMS of etcd's release ${version}, or name an https mirror`,
    },
  ];
}

/** A production machine runs no etcd that nothing vouches for. */
export function checksumWarning(spec: Downloaded): string | undefined {
  const { architecture } = spec.machine;
  if (spec.environment !== "production" || spec.checksums[architecture] !== undefined) return undefined;
  return `checksums.${architecture}: not pinned; production machines refuse to run such an etcd. Take it from SHA256SUMS of etcd's release ${spec.version} before you deploy`;
}
