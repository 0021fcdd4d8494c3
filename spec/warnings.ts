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

/** Settings that are checked and recorded already, while nothing acts on them yet. */
function notYet(spec: ClusterSpec): string[] {
  const found = [
    "machines: user data carries identity and flags; the programs that join and start etcd from them are not in it yet",
  ];
  const add = (setting: string, what: string) => found.push(`${setting}: checked, but ${what} not made yet`);
  add("backups", "the bucket is; the members' timer is");
  if (spec.discovery === "dns") add("discovery", "SRV records are");
  if (spec.network.outbound === "endpoints") add("network.outbound", "VPC endpoints are");
  if (spec.restore !== undefined) add("restore", "a restore is");
  return found;
}
