import { printable } from "../../text/printable";
import { table } from "../../text/table";
import { mebibytes } from "../verify/units";
import type { BackupReport } from "./backups";
import { counts, type Backup } from "./list";

/** A bucket's backups for people, and what to declare to restore the newest good one. */
export function backupsText({ bucket, backups }: BackupReport): string {
  if (backups.length === 0) return `s3://${bucket} holds no backup`;
  const head = ["TAKEN", "MEMBER", "GENERATION", "REVISION", "KEYS", "SIZE", "HASH", "STATE", "SNAPSHOT"];
  const newest = backups.find(counts);
  return [
    table(head, backups.map(row)),
    newest
      ? printable(`Newest that counts: s3://${bucket}/${newest.key}${bound(newest)}`)
      : `No backup in s3://${bucket} counts: none could be restored from`,
  ].join("\n\n");
}

/** The settings that pin a restore to exactly this snapshot. */
function bound({ manifest }: Backup): string {
  if (manifest === undefined) return "";
  const { sha256, versionId } = manifest;
  return `, sha256: ${sha256}${versionId === undefined ? "" : `, versionId: "${versionId}"`}`;
}

function row({ key, time, manifest, state, detail }: Backup): string[] {
  const facts = manifest
    ? [
        manifest.member,
        String(manifest.generation),
        String(manifest.revision),
        String(manifest.totalKeys),
        mebibytes(manifest.size),
        manifest.hash.toString(16),
      ]
    : Array<string>(6).fill("–");
  const taken = time.getTime() === 0 ? "–" : time.toISOString().replace(".000", "");
  return [taken, ...facts, detail === undefined ? state : `${state} (${detail})`, key];
}
