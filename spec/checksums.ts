import type { ClusterSpec } from "./clusterSpec";
import type { Problem } from "./rules";

type Downloaded = Pick<ClusterSpec, "environment" | "version" | "mirror" | "checksums" | "machine">;

/** Over http whoever stands in the way can exchange what a machine gets. */
export function checksumProblems({ mirror, checksums, machine, version }: Downloaded): Problem[] {
  const { architecture } = machine;
  if (checksums[architecture] !== undefined || !mirror.startsWith("http:")) return [];
  return [
    {
      path: `checksums.${architecture}`,
      message: `missing; ${mirror} is no https, so machines take etcd only by its checksum: take it from SHA256SUMS of etcd's release ${version}, or name a mirror by https`,
    },
  ];
}

/** A machine of production runs no etcd that nothing vouches for. */
export function checksumWarning(spec: Downloaded): string | undefined {
  const { architecture } = spec.machine;
  if (spec.environment !== "production" || spec.checksums[architecture] !== undefined) return undefined;
  return `checksums.${architecture}: not pinned; machines of production refuse to run such an etcd. Take it from SHA256SUMS of etcd's release ${spec.version} before you deploy`;
}
