import type { ClusterSpec } from "./clusterSpec";
import { checksumWarning } from "./checksums";
import { isEdgeZone } from "./aws/partitions";
import { isLifecycleTagKey } from "./aws/tags";
import { reservationOf } from "./awsRules";
import { mirrorPlace } from "./mirror";
import { endsAtEndpoints } from "./wayOut";
import { versionWarning } from "./versions";

/** The most that etcd's Go client sends, in bytes: its `defaultMaxCallSendMsgSize` (client/v3/options.go). */
const clientLimit = 2 * 1024 ** 2;

/** What is allowed but worth knowing before a deployment, in the order of the declaration. */
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
    if (spec.restore?.snapshot === "latest")
      found.push(
        "restore.snapshot: latest; pulumi up takes the newest backup that it finds then: name one that npm run backups lists, with its sha256",
      );
    if (spec.alarms === undefined)
      found.push("alarms: not set in production; nobody is told when a member is unhealthy");
    const unpinned = checksumWarning(spec);
    if (unpinned !== undefined) found.push(unpinned);
  }
  if (spec.maxRequestBytes !== undefined && spec.maxRequestBytes > clientLimit)
    found.push(
      `maxRequestBytes: ${spec.maxRequestBytes}; etcd's Go client, and so an API server, sends ${clientLimit} at most: only a client that raises its own limit gains`,
    );
  return [...found, ...outboundWarnings(spec), ...awsWarnings(spec)];
}

/** What VPC endpoints do not reach, and whom else they affect. */
function outboundWarnings(spec: ClusterSpec): string[] {
  const { outbound, vpc } = spec.network;
  if (!endsAtEndpoints(spec.network)) return [];
  const found: string[] = [];
  if (outbound === "endpoints")
    found.push(
      `network.outbound: endpoints answer for the whole of ${vpc}; if it already has some, AWS refuses these: set existingEndpoints instead`,
    );
  if (spec.machine.install)
    found.push(
      "machine.install: true, and VPC endpoints lead to no packages but Amazon Linux's, which are in S3; name an image that has everything",
    );
  if (mirrorPlace(spec) === "internet") {
    found.push(
      `mirror: ${spec.mirror} cannot be reached through VPC endpoints; name a mirror in S3 or inside the VPC`,
    );
  }
  return found;
}

/** What AWS accepts, at a cost. */
function awsWarnings({ machine, members, network, tags }: ClusterSpec): string[] {
  const edges = Object.entries(network.subnets)
    .filter(([, { zone }]) => isEdgeZone(zone))
    .map(
      ([name, { zone }]) =>
        `network.subnets.${name}.zone: ${zone} is a Local or Wavelength Zone; not every one has network load balancers, interface endpoints or the size's volume type`,
    );
  const reserved = members.flatMap((member, index) =>
    reservationOf({ machine }, member) === undefined
      ? []
      : [
          `members[${index}]: ${member.name} uses a capacity reservation, and AWS allows none in spread placement groups; it may share hardware with another member`,
        ],
  );
  const unlisted = Object.keys(tags)
    .filter((key) => !isLifecycleTagKey(key))
    .map(
      (key) =>
        `tags.${key}: not on the snapshot policy; Data Lifecycle Manager takes a–z, 0–9 and + - = . _ : /`,
    );
  return [...edges, ...reserved, ...unlisted];
}
