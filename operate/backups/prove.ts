import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { createWriteStream } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { promisify } from "node:util";
import type { BackupManifest } from "../../contract/records";
import type { BackupBucket } from "./bucket";
import type { Backup } from "./list";

const run = promisify(execFile);

/**
 * Proves a backup from nothing but the bucket: downloads the snapshot, checks it against its manifest (SHA-256, and
 * what etcdutl says about it) and restores it into a directory that is removed again.
 * @param etcdutl path of the binary
 */
export async function prove(
  backup: Backup & { manifest: BackupManifest },
  { bucket, etcdutl, signal }: { bucket: BackupBucket; etcdutl: string; signal: AbortSignal },
): Promise<Backup> {
  const { manifest } = backup;
  const scratch = await mkdtemp(join(tmpdir(), "etcd-backup-"));
  const utl = async (...args: string[]) => (await run(etcdutl, args, { signal })).stdout;
  const status = async (file: string) =>
    JSON.parse(await utl("snapshot", "status", file, "--write-out=json")) as SnapshotStatus;
  try {
    const file = join(scratch, "snapshot.db");
    const sha256 = await download(bucket, manifest, file, signal);
    if (sha256 !== manifest.sha256) {
      const detail = `SHA-256 ${sha256}, the manifest says ${manifest.sha256}`;
      return { ...backup, state: "hash differs", detail };
    }
    const found = await status(file).catch((error: unknown) => told(error, signal));
    if (typeof found === "string") return { ...backup, state: "damaged", detail: found };
    const differing = difference(found, manifest);
    if (differing !== undefined) return { ...backup, state: "damaged", detail: differing };
    const restored = await utl("snapshot", "restore", file, "--data-dir", join(scratch, "data"))
      .then(() => status(join(scratch, "data", "member", "snap", "db")))
      .catch((error: unknown) => told(error, signal));
    if (typeof restored === "string") return { ...backup, state: "cannot be restored", detail: restored };
    if (restored.revision !== manifest.revision) {
      const detail = `revision ${restored.revision} once restored, the manifest says ${manifest.revision}`;
      return { ...backup, state: "cannot be restored", detail };
    }
    return { ...backup, state: "verified" };
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

/** What `etcdutl snapshot status` says. */
interface SnapshotStatus {
  hash: number;
  revision: number;
  totalKey: number;
  totalSize: number;
}

function difference(found: SnapshotStatus, manifest: BackupManifest): string | undefined {
  const pairs = [
    ["hash", found.hash, manifest.hash],
    ["revision", found.revision, manifest.revision],
    ["keys", found.totalKey, manifest.totalKeys],
    ["size of the store", found.totalSize, manifest.totalSize],
  ] as const;
  const [differing] = pairs.filter(([, here, there]) => here !== there);
  return differing && `${differing[0]} ${differing[1]}, the manifest says ${differing[2]}`;
}

/** Writes a snapshot to a file and returns its SHA-256, in hex. */
async function download(
  bucket: BackupBucket,
  manifest: BackupManifest,
  file: string,
  signal: AbortSignal,
): Promise<string> {
  const hash = createHash("sha256");
  const hashed = new Transform({
    transform(chunk: Buffer, _, done) {
      hash.update(chunk);
      done(null, chunk);
    },
  });
  await pipeline(await bucket.content(manifest), hashed, createWriteStream(file, { mode: 0o600 }), {
    signal,
  });
  return hash.digest("hex");
}

/** What a failed command said; rethrows the signal's reason. */
function told(error: unknown, signal: AbortSignal): string {
  signal.throwIfAborted();
  const { stderr, message } = error as { stderr?: string; message: string };
  return (stderr || message).trim().split("\n").at(-1)!;
}
