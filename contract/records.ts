import type { ClusterSpec } from "../spec";
import { clusterDomain, memberDnsName, memberHost, ports } from "./addresses";
import type { DesiredRecord, FoundingRecord } from "./schemas";

export type {
  AuthoritiesRecord,
  BackupClaim,
  BackupManifest,
  DesiredRecord,
  FoundingRecord,
  GenerationRecord,
  MemberRecord,
  StatusRecord,
} from "./schemas";

type DesiredSpec = Pick<
  ClusterSpec,
  "cluster" | "network" | "discovery" | "members" | "admission" | "backups" | "restore" | "defragmentation"
>;

/** The generation that a specification declares. */
export function generationOf({ restore }: Pick<ClusterSpec, "restore">): number {
  return restore?.generation ?? 1;
}

/** @param nonce letters and digits that nobody can know before the generation is declared */
export function foundingRecord(
  spec: Pick<ClusterSpec, "cluster" | "network" | "discovery" | "members" | "restore">,
  nonce: string,
  restored: Pick<FoundingRecord, "snapshot" | "sha256" | "versionId"> | undefined,
): FoundingRecord {
  return {
    version: 1,
    token: `${spec.cluster}-${generationOf(spec)}-${nonce}`,
    members: spec.members.map((member) => ({
      name: member.name,
      url: `https://${memberHost(spec, member)}:${ports.peer}`,
    })),
    snapshot: restored?.snapshot,
    sha256: restored?.sha256,
    versionId: restored?.versionId,
  };
}

/** What machines read about a restore once its generation is declared. */
function told({ snapshot, generation, connectedClients }: NonNullable<ClusterSpec["restore"]>) {
  return { snapshot, generation, connectedClients };
}

export function desiredRecord(spec: DesiredSpec, incarnation: string, bucket?: string): DesiredRecord {
  return {
    version: 1,
    incarnation,
    generation: generationOf(spec),
    discovery: spec.discovery,
    domain: clusterDomain(spec),
    members: spec.members.map(({ name, address, replaces }) => ({
      name,
      address,
      dnsName: memberDnsName(spec, name),
      ...(replaces && { replaces: replaces.name }),
    })),
    admission: spec.admission,
    ...(bucket !== undefined && { backups: { interval: spec.backups.interval, bucket } }),
    ...(spec.restore && { restore: told(spec.restore) }),
    ...(spec.defragmentation && { defragmentedBy: "kubernetes" as const }),
  };
}
