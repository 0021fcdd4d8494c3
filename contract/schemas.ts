import { z } from "zod";
import { number, snapshotPlace, text } from "../spec/forms";
import { printable } from "../text/printable";

/** The version that records are written in. A record without one predates versions, and counts as 1. */
const version = z.literal(1, "must be 1, the only one that is known here").default(1);

/** Absent, or null as jq writes it. */
const optional = <T extends z.ZodType>(schema: T) =>
  schema
    .nullish()
    .transform((value) => value ?? undefined)
    .optional();

const members = <T extends z.ZodType>(member: T) => z.array(member).min(1, "must name a member").max(99);

/** What every machine of a cluster reads at boot and on a timer. Changing it replaces no machine. */
export const desiredSchema = z.object({
  version,
  /** The cluster's KMS key id: after a destroy, a cluster of the same name starts with records of its own. */
  incarnation: text("incarnation"),
  generation: number("generation"),
  discovery: z.enum(["static", "dns"]),
  /** Domain of the SRV records. */
  domain: text("domain"),
  members: members(
    z.object({
      name: text("name"),
      address: text("address"),
      dnsName: text("domain"),
      replaces: optional(text("name")),
    }),
  ),
  admission: z.object({
    /** Milliseconds. */
    fsyncP99: z.number().min(1, "must be at least 1").max(1000, "must be at most 1000"),
    slowDisk: z.enum(["refuse", "warn"]),
  }),
  /** Minutes between two backups, and the bucket for them. Without it members make none. */
  backups: optional(z.object({ interval: number("minutes"), bucket: text("bucket") })),
  restore: optional(
    z.object({
      snapshot: snapshotPlace,
      generation: number("generation"),
      connectedClients: z.enum(["refuse", "ignore"]),
    }),
  ),
  /** Set if something else defragments the members; they then leave it to that. */
  defragmentedBy: optional(z.literal("kubernetes")),
});

/** What a member's machine reads about itself. */
export const memberSchema = z.object({
  version,
  /** The data volume, by its EBS id. */
  volume: text("volume"),
  address: text("address"),
  dnsName: text("domain"),
});

/**
 * What a generation is first declared as. It does not change when the declaration changes later, no machine may write
 * it, and the generation's record must follow from it.
 */
export const foundingSchema = z.object({
  version,
  /** etcd's cluster token. It ends in a nonce that nobody can know before the generation is declared. */
  token: text("token"),
  /** Its founders, and the peer URL of each. */
  members: members(z.object({ name: text("name"), url: text("peerUrl") })),
  /** The snapshot that it begins with, and its declared hash and object version. */
  snapshot: optional(snapshotPlace),
  sha256: optional(text("sha256")),
  versionId: optional(text("versionId")),
});

/**
 * A generation of the cluster. The first machine to get there creates it once; every member follows it. It has no other
 * fields.
 */
export const generationSchema = z.strictObject({
  version,
  token: text("token"),
  /** Its founders, and the peer URL of each. */
  members: members(z.strictObject({ name: text("name"), url: text("peerUrl") })),
  createdBy: text("name"),
  /** The snapshot that it begins with: where it is and in which version, what it must be, and what it was taken of. */
  restore: optional(
    z.strictObject({
      bucket: text("bucket"),
      key: text("objectKey"),
      versionId: optional(text("versionId")),
      sha256: text("sha256"),
      /** Bytes. */
      size: number("bytes"),
      revision: number("revision"),
      etcdVersion: text("etcdVersion"),
      /** By how much the revision is raised, so that watchers from before notice. */
      bump: number("bump"),
    }),
  ),
});

/** A CA's number in the settings. */
const authority = z.int("must be a CA's number").min(1, "must be 1 or more").max(999, "must be 999 at most");
const authorities = z.object({
  trusted: z
    .array(z.object({ number: authority, sha256: text("sha256") }))
    .min(1, "must name a CA")
    .max(9),
  issuer: authority,
});

/**
 * Which CAs are declared: those trusted, each by its certificate's SHA-256, and the one that issues. The guard holds the
 * next declaration to it; machines do not read it.
 */
export const authoritiesSchema = z.object({ version, peer: authorities, client: authorities });

/** What a member's etcd trusts and serves in one of its two uses; each certificate by its SHA-256. */
const pkiUse = z.object({
  /** The CAs that the running etcd read at its start. */
  trusted: z.array(text("sha256")).max(9),
  /** What it serves, and until when. */
  certificate: text("sha256"),
  until: text("time"),
  /** The CA that issued it; absent if it is none that the member trusts or is about to. */
  issuer: optional(text("sha256")),
});

/** What a member's machine reports about itself, written when something changed and every half minute. */
export const statusSchema = z.preprocess(
  // Before records had a version, `version` held etcd's.
  (record) =>
    isObject(record) && typeof record.version === "string"
      ? { etcdVersion: record.version, ...record, version: 1 }
      : record,
  z.object({
    version,
    /** EC2 instance id of the machine that wrote it. */
    instance: text("instance"),
    member: text("name"),
    /** etcd's member id, in hex; empty while the cluster does not list it. */
    id: text("memberId"),
    voter: z.boolean(),
    /** How many voters the cluster lists, declared or not; 0 while its list cannot be read. */
    voters: optional(number("voters")),
    /** systemd's state of etcd.service, for example `active`. */
    etcd: text("unitState"),
    /** Whether etcd's `/readyz` answers. */
    ready: z.boolean(),
    /** etcd's version; empty while it does not answer. */
    etcdVersion: text("etcdVersion"),
    /** Whether its log since the last snapshot may hold what 3.5 wrote and 3.7 cannot read; set while it runs 3.6. */
    logOf35: z.boolean(),
    /** MiB. */
    databaseSize: number("mebibytes"),
    /** The generation of the data on the volume; 0 while there is none. */
    generation: number("heldGeneration"),
    /** Data beside it that etcd does not run on, such as `1` of an earlier generation; `etcd-old-data` removes it. */
    oldData: z.array(text("directory")).max(99),
    /** Among members, and between members and clients; absent while no etcd runs, and in records of older programs. */
    pki: optional(z.object({ peer: pkiUse, client: pkiUse })),
    /** The last thing that the machine's programs said. */
    message: z.string().max(4096).transform(printable),
    /** When it was written, ISO 8601, by the machine's clock. */
    time: text("time"),
  }),
);

/** What an API server's machine reports about its connection to etcd, each time its files are looked at. */
export const apiServerReportSchema = z.object({
  version,
  /** EC2 instance id of the machine that wrote it. */
  instance: text("instance"),
  /** Whether a kube-apiserver runs there. */
  running: z.boolean(),
  /** The CAs that it read at its start, or will read, and its client certificate. */
  pki: pkiUse,
  /** What was done or is waited for this time; empty if nothing is. */
  message: z.string().max(4096).transform(printable),
  /** When it was written, ISO 8601, by the machine's clock. */
  time: text("time"),
});

/** What makes a snapshot count: written once the snapshot is verified and in the bucket. */
export const manifestSchema = z.object({
  version,
  /** Key of the snapshot in the same bucket, and its version there. */
  snapshot: text("snapshotKey"),
  versionId: optional(text("versionId")),
  /** SHA-256 of the snapshot, hex, and its size in bytes. */
  sha256: text("sha256"),
  size: number("bytes"),
  cluster: text("name"),
  incarnation: text("incarnation"),
  generation: number("generation"),
  etcdVersion: text("etcdVersion"),
  /** What `etcdutl snapshot status` says: hash, revision, keys, and bytes of the store. */
  hash: number("hash"),
  revision: number("revision"),
  totalKeys: number("keys"),
  totalSize: number("bytes"),
  /** How long saving, verifying and uploading it took. */
  seconds: number("seconds"),
  member: text("name"),
  /** When the snapshot was taken, ISO 8601. */
  time: text("time"),
});

/** Which member tries for the backup that is owed; the member writes it to the bucket before it tries. */
export const claimSchema = z.object({ version, member: text("name"), time: text("time") });

/** Marks of a single word, without a version: when etcd first started in a generation; how ready a restore is. */
export const startedMark = text("time");
export const verifiedMark = z.enum(["held up", "ready", "stopped"]);

/** The time since which an operator wants a backup. */
export const backupRequest = text("time");

export type AuthoritiesRecord = z.output<typeof authoritiesSchema>;
export type DesiredRecord = z.output<typeof desiredSchema>;
export type MemberRecord = z.output<typeof memberSchema>;
export type FoundingRecord = z.output<typeof foundingSchema>;
export type GenerationRecord = z.output<typeof generationSchema>;
export type StatusRecord = z.output<typeof statusSchema>;
export type ApiServerReport = z.output<typeof apiServerReportSchema>;
export type BackupManifest = z.output<typeof manifestSchema>;
export type BackupClaim = z.output<typeof claimSchema>;

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
