import { getEtcd } from "../../tools/etcd";
import type { BackupManifest } from "../../contract/records";
import type { Aws } from "../../aws/clients";
import { record } from "../../record";
import type { StackProgram } from "../../record/project";
import { deployedBackups, type DeployedBackups } from "./deployed";
import { counts, isBad, listBackups, type Backup } from "./list";
import { prove } from "./prove";
import { requestBackup } from "./request";

/** What a cluster could be restored from. */
export interface BackupReport {
  stack: string;
  cluster: string;
  bucket: string;
  /** True if there is a backup that counts, and every backup that should count does. */
  ok: boolean;
  /** Newest first. */
  backups: Backup[];
}

export interface BackupsOptions {
  program: StackProgram;
  aws: Aws;
  /** Ask the members for a backup and wait for it. */
  now: boolean;
  /** How many backups to prove, starting with the newest. */
  verify: number;
  /** Receives messages about the current step. */
  progress: (text: string) => void;
  signal: AbortSignal;
}

/**
 * Lists a stack's backups, after making one more if asked to, and proves as many as asked to.
 * @throws SettingsError for settings that are refused or credentials that may not read; AwsError; ToolError
 * if etcdutl is not available
 */
export async function backups(options: BackupsOptions): Promise<BackupReport> {
  const { program, aws, now, verify, progress, signal } = options;
  progress("run the program");
  const recording = await record(program, {}, signal);
  progress("read the bucket");
  const deployed = await deployedBackups(recording, aws, signal);
  if (now) await requestBackup(deployed, aws, progress, signal);
  const listed = await listBackups(deployed);
  const found = verify > 0 ? await proved(listed, deployed, options) : listed;
  return {
    stack: program.stack,
    cluster: deployed.spec.cluster,
    bucket: deployed.bucket.name,
    ok: found.some(counts) && !found.some(isBad),
    backups: found,
  };
}

/** The same backups, with this many of the newest ones that count proved. */
async function proved(
  listed: readonly Backup[],
  { spec, bucket }: DeployedBackups,
  { verify, progress, signal }: BackupsOptions,
): Promise<Backup[]> {
  const { version, mirror, checksums } = spec;
  const { etcdutl } = await getEtcd({ version, mirror, checksums, report: progress, signal });
  const chosen = listed.filter(counts).slice(0, verify);
  const results = new Map<Backup, Backup>();
  for (const [index, backup] of chosen.entries()) {
    progress(`verify ${index + 1} of ${chosen.length}: ${backup.key}`);
    const withManifest = backup as Backup & { manifest: BackupManifest };
    results.set(backup, await prove(withManifest, { bucket, etcdutl, signal }));
  }
  return listed.map((backup) => results.get(backup) ?? backup);
}
