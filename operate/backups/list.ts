import { snapshotsPrefix } from "../../contract/paths";
import type { BackupManifest } from "../../contract/records";
import type { ReadManifest, StoredObject } from "./bucket";
import type { DeployedBackups } from "./deployed";

/** A backup in the bucket: a manifest with its snapshot, or only one of the two. */
export interface Backup {
  /** Key of the snapshot, or of the manifest if that cannot be read. */
  key: string;
  /** When the snapshot was taken; when it was written, if no manifest says. */
  time: Date;
  manifest?: BackupManifest;
  state: BackupState;
  /** What the state means in this case, for example sizes that differ. */
  detail?: string;
}

export type BackupState =
  /** A member verified it before the upload, and it is in the bucket at its full size. */
  | "good"
  /** It was downloaded from the bucket, matched its manifest and could be restored. */
  | "verified"
  | "snapshot missing"
  | "size differs"
  | "manifest unreadable"
  /** An upload in progress, or cut off: it does not count, whatever it contains. */
  | "no manifest"
  | "hash differs"
  | "damaged"
  | "cannot be restored";

/** How many manifests to read at once. */
const together = 16;

/** Every backup in the bucket, newest first. */
export async function listBackups({ bucket }: DeployedBackups): Promise<Backup[]> {
  const [keys, snapshots] = await Promise.all([bucket.manifests(), bucket.list(snapshotsPrefix)]);
  const stored = new Map(snapshots.map((each) => [each.key, each]));
  const backups: Backup[] = [];
  for (let at = 0; at < keys.length; at += together) {
    const read = keys.slice(at, at + together).map(async (key) => {
      const found = await bucket.manifest(key);
      return backupOf(found, await sizeOf(found, stored));
    });
    backups.push(...(await Promise.all(read)));
  }
  const named = new Set(backups.map(({ key }) => key));
  const alone = snapshots.filter(({ key }) => !named.has(key)).map(withoutManifest);
  return [...backups, ...alone].sort((a, b) => b.time.getTime() - a.time.getTime());

  async function sizeOf(found: ReadManifest, listed: Map<string, StoredObject>) {
    if (!("manifest" in found)) return undefined;
    const { size } = listed.get(found.manifest.snapshot) ?? {};
    // A different object under its key hides it in the listing, but its version still exists.
    return size === found.manifest.size ? size : bucket.sizeOf(found.manifest);
  }
}

/** @param size of its snapshot in the bucket, in bytes; undefined if it is not there */
function backupOf(found: ReadManifest, size: number | undefined): Backup {
  if (!("manifest" in found))
    return { key: found.key, time: new Date(0), state: "manifest unreadable", detail: found.problem };
  const { manifest } = found;
  const backup = { key: manifest.snapshot, time: new Date(manifest.time), manifest };
  if (size === undefined) return { ...backup, state: "snapshot missing" };
  if (size !== manifest.size) {
    const detail = `${size} bytes there, the manifest says ${manifest.size}`;
    return { ...backup, state: "size differs", detail };
  }
  return { ...backup, state: "good" };
}

function withoutManifest({ key, size, written }: StoredObject): Backup {
  return { key, time: written, state: "no manifest", detail: `${size} bytes` };
}

/** Whether a backup is usable. */
export function counts({ state }: Backup): boolean {
  return state === "good" || state === "verified";
}

/** Whether something is wrong with it. A snapshot without a manifest never counted. */
export function isBad(backup: Backup): boolean {
  return !counts(backup) && backup.state !== "no manifest";
}
