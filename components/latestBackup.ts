import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { backupStamp, manifestsPrefix, snapshotsPrefix } from "../contract/paths";
import { readRecord } from "../contract/read";
import type { BackupManifest, FoundingRecord } from "../contract/records";
import { manifestSchema } from "../contract/schemas";

/** What is declared about a snapshot to restore. */
type Snapshot = Pick<FoundingRecord, "snapshot" | "sha256" | "versionId">;

/** More objects than ten years of backups every five minutes have. */
const maxKeys = 2_000_000;

/** How many manifests to read before giving up: one that breaks its schema is passed over. */
const looksAt = 20;

/**
 * The newest backup in a bucket, as the deployer finds it; machines are then pinned to it. If the bucket holds no
 * backup or cannot be read, it stays `latest`, which leaves the choice to the first machine that looks. That is
 * reported, and does not prevent the restore.
 * @param opts the component that needs the backup
 */
export async function latestBackup(bucket: string, opts: { parent: pulumi.Resource }): Promise<Snapshot> {
  const unresolved = async (reason: string) => {
    const left = "the first machine that looks in the bucket says which backup that is";
    await pulumi.log.warn(`restore.snapshot: latest; ${left}, as ${reason}`, opts.parent);
    return { snapshot: "latest" };
  };
  try {
    const list = async (prefix: string) => (await aws.s3.getObjects({ bucket, prefix, maxKeys }, opts)).keys;
    const [manifests, snapshots] = await Promise.all([list(manifestsPrefix), list(snapshotsPrefix)]);
    const there = new Set(snapshots);
    // A manifest from tomorrow would be the newest until then: machines ignore it, too.
    const tomorrow = `${manifestsPrefix}${backupStamp(new Date(Date.now() + 3_600_000))}`;
    const newest = manifests.filter((key) => key < tomorrow).sort();
    for (const key of newest.slice(-looksAt).reverse()) {
      const manifest = await manifestOf(bucket, key, opts);
      if (manifest === undefined || !there.has(manifest.snapshot)) continue;
      const { snapshot, sha256, versionId } = manifest;
      return { snapshot: `s3://${bucket}/${snapshot}`, sha256, versionId };
    }
    return await unresolved(`pulumi finds none in s3://${bucket}`);
  } catch (error) {
    return unresolved(`pulumi cannot read s3://${bucket}: ${(error as Error).message}`);
  }
}

/** A manifest as machines read it; undefined if it breaks its schema or names another snapshot than its own name. */
async function manifestOf(
  bucket: string,
  key: string,
  opts: { parent: pulumi.Resource },
): Promise<BackupManifest | undefined> {
  const { body } = await aws.s3.getObject({ bucket, key }, opts);
  const { value } = readRecord(manifestSchema, key, body);
  const time = key.slice(manifestsPrefix.length, -".json".length);
  return value?.snapshot === `${snapshotsPrefix}${time}.db` ? value : undefined;
}
