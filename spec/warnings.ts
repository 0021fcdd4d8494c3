import type { ClusterSpec } from "./clusterSpec";
import { mirrorPlace } from "./mirror";
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
    if (spec.backups.freshWithin < spec.backups.interval)
      found.push(
        `backups.freshWithin: ${spec.backups.freshWithin} minutes is less than backups.interval (${spec.backups.interval}); a version changes only right after a backup`,
      );
    if (spec.alarms === undefined)
      found.push("alarms: not set in production; nobody is told when a member is unhealthy");
    if (spec.checksums[spec.machine.architecture] === undefined) {
      found.push(`checksums.${spec.machine.architecture}: not pinned; machines would trust the mirror`);
    }
  }
  return [...found, ...outboundWarnings(spec)];
}

/** What VPC endpoints do not reach, and whom else they concern. */
function outboundWarnings(spec: ClusterSpec): string[] {
  if (spec.network.outbound !== "endpoints") return [];
  const found = [
    `network.outbound: endpoints answer for the whole of ${spec.network.vpc}; where it has some of its own already, AWS refuses these: name a NAT gateway instead`,
  ];
  if (mirrorPlace(spec) === "internet") {
    found.push(
      `mirror: ${spec.mirror} is not in reach of VPC endpoints; name a mirror in S3 or inside the VPC`,
    );
  }
  return found;
}
