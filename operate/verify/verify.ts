import { setTimeout } from "node:timers/promises";
import type { Aws } from "../../aws/clients";
import { record } from "../../record";
import type { StackProgram } from "../../record/project";
import { mendedInTime, type Check } from "./check";
import { declarationOf, type Declaration } from "./declaration";
import { evidenceOf, type Evidence } from "./evidence";
import { judge } from "./judge";

/** Whether what runs is what a stack declares. */
export interface Verification {
  stack: string;
  cluster: string;
  ok: boolean;
  /** When the cluster was read, by AWS' clock. */
  time: Date;
  checks: Check[];
  evidence: Evidence;
}

export interface VerifyOptions {
  program: StackProgram;
  aws: Aws;
  /** Minutes to wait for what machines fix by themselves. */
  wait: number;
  /** Receives messages about the current step. */
  progress: (text: string) => void;
  signal: AbortSignal;
}

/** Seconds between two looks. */
const lookEvery = 5;

/**
 * Compares a stack's account with its program: once, or repeatedly until everything is as declared, the time is over,
 * or something is wrong that time does not fix.
 * @throws SettingsError for settings that are refused or credentials that may not read; AwsError
 */
export async function verify(options: VerifyOptions): Promise<Verification> {
  const { program, progress, signal } = options;
  progress("run the program");
  const declaration = declarationOf(await record(program, {}, signal));
  const end = performance.now() + options.wait * 60_000;
  progress("read records, certificates, backups, target health");
  for (;;) {
    const found = await look(declaration, options);
    const failing = found.checks.filter(({ causes }) => causes.length > 0);
    const mends = failing.every(({ check }) => mendedInTime.includes(check));
    if (found.ok || !mends || performance.now() + lookEvery * 1000 > end) return found;
    progress(`waiting: ${failing.map(({ subject, causes }) => `${subject} ${causes[0]}`).join("; ")}`);
    await setTimeout(lookEvery * 1000, undefined, { signal }).catch(() => signal.throwIfAborted());
  }
}

async function look(declaration: Declaration, { aws, signal }: VerifyOptions): Promise<Verification> {
  const evidence = await evidenceOf(declaration, aws, signal);
  const time = new Date(evidence.now);
  const checks = judge(declaration, evidence);
  const ok = checks.every(({ causes }) => causes.length === 0);
  const { stack, cluster } = declaration;
  return { stack, cluster, ok, time, checks, evidence };
}
