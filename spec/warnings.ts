import type { ClusterSpec } from "./clusterSpec";
import { versionWarning } from "./versions";

/** What is allowed but better known before it is deployed, in the order of the declaration. */
export function warnings(spec: ClusterSpec): string[] {
  const found: string[] = [];
  const version = versionWarning(spec.version);
  if (version !== undefined) found.push(`version: ${spec.version} ${version}`);
  if (spec.environment === "production") {
    if (spec.members.length === 3)
      found.push("members: 3 members survive the loss of one; 5 are advised in production");
    if (!spec.deletionProtection)
      found.push("deletionProtection: false in production; volumes and backups can be deleted");
    if (spec.checksums[spec.machine.architecture] === undefined) {
      found.push(`checksums.${spec.machine.architecture}: not pinned; machines would trust the mirror`);
    }
  }
  return [...found, ...notYet(spec)];
}

/** What is declared and checked already, while nothing carries it out yet. */
function notYet(spec: ClusterSpec): string[] {
  return [
    "backups: the bucket is made, the members' timer is not yet",
    ...(spec.discovery === "dns" ? ["discovery: dns, but no SRV records are made yet"] : []),
    ...(spec.network.outbound === "endpoints"
      ? ["network.outbound: endpoints, but no VPC endpoints are made yet"]
      : []),
    ...(spec.restore === undefined ? [] : ["restore: no machine carries it out yet"]),
  ];
}
