import type { ClusterSpec } from "../spec";
import { clusterDomain, memberDnsName } from "./addresses";

/** What every machine of a cluster reads at boot and by a timer. A change of it replaces no machine. */
export interface DesiredRecord {
  /** The cluster's KMS key id: after a destroy, a cluster of the same name starts with records of its own. */
  incarnation: string;
  generation: number;
  discovery: ClusterSpec["discovery"];
  /** Domain of the SRV records. */
  domain: string;
  members: { name: string; address: string; dnsName: string; replaces?: string }[];
  admission: ClusterSpec["admission"];
  /** Minutes between two backups, and the bucket for them. Without it members take none. */
  backups?: { interval: number; bucket: string };
  restore?: ClusterSpec["restore"];
  /** There if something else defragments the members: they leave it to that. */
  defragmentedBy?: "kubernetes";
}

/** What a member's machine reads of its own. */
export interface MemberRecord {
  /** The data volume, by its EBS id. */
  volume: string;
  address: string;
  dnsName: string;
}

type DesiredSpec = Pick<
  ClusterSpec,
  "cluster" | "network" | "discovery" | "members" | "admission" | "backups" | "restore" | "defragmentation"
>;

export function desiredRecord(spec: DesiredSpec, incarnation: string, bucket?: string): DesiredRecord {
  return {
    incarnation,
    generation: spec.restore?.generation ?? 1,
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
    ...(spec.restore && { restore: spec.restore }),
    ...(spec.defragmentation && { defragmentedBy: "kubernetes" as const }),
  };
}

/** A generation of the cluster, created once by whichever machine is first; every member holds to it. */
export interface GenerationRecord {
  token: string;
  /** Its founders, and the peer URL of each. */
  members: { name: string; url: string }[];
  createdBy: string;
  /** The snapshot that it begins with: in which version it lies where, what it has to be, and what it was taken of. */
  restore?: {
    bucket: string;
    key: string;
    versionId?: string;
    sha256: string;
    size: number;
    revision: number;
    etcdVersion: string;
    /** By how much the revision is raised, so that watchers of the time before notice. */
    bump: number;
  };
}

/** What a member's machine says of itself, written when something changed and every half minute. */
export interface StatusRecord {
  /** EC2 instance id of the machine that wrote it. */
  instance: string;
  member: string;
  /** etcd's member id, in hex; empty while the cluster does not list it. */
  id: string;
  voter: boolean;
  /** How many voters the cluster lists, declared or not; 0 while its list cannot be read. */
  voters?: number;
  /** systemd's state of etcd.service, as `active`. */
  etcd: string;
  /** Whether etcd's `/readyz` answers. */
  ready: boolean;
  /** etcd's version; empty while it does not answer. */
  version: string;
  /** Whether its log since the last snapshot may hold what etcd 3.5 wrote and 3.7 cannot read; told while it runs 3.6. */
  logOf35: boolean;
  /** MiB. */
  databaseSize: number;
  /** Of the data on the volume; 0 while there is none. */
  generation: number;
  /** Data beside it that etcd does not run on, as `1` of a generation before a restore; `etcd-old-data` removes it. */
  oldData: string[];
  /** The last thing that the machine's programs said. */
  message: string;
  /** When it was written, ISO 8601, by the machine's clock. */
  time: string;
}

/** Where snapshots' manifests lie in the bucket: `manifests/<time>.json`, time as 20261124T220000Z. */
export const manifestsPrefix = "manifests/";

/** Where the snapshots themselves lie in the bucket: `snapshots/<time>.db`. */
export const snapshotsPrefix = "snapshots/";

/** What makes a snapshot count: written once it was verified and is in the bucket. */
export interface BackupManifest {
  /** Key of the snapshot in the same bucket, and its version there. */
  snapshot: string;
  versionId?: string;
  /** SHA-256 of the snapshot, hex, and its size in bytes. */
  sha256: string;
  size: number;
  cluster: string;
  incarnation: string;
  generation: number;
  etcdVersion: string;
  /** As `etcdutl snapshot status` says: hash, revision, keys, and bytes of the store. */
  hash: number;
  revision: number;
  totalKeys: number;
  totalSize: number;
  /** What saving, verifying and uploading it took. */
  seconds: number;
  member: string;
  /** When the snapshot was taken, ISO 8601. */
  time: string;
}
