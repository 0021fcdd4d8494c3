import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { clientPkiParameters } from "../contract/paths";
import { getEtcd, type EtcdBinaries, type EtcdSource } from "../tools/etcd";
import { record } from "../record";
import type { StackProgram } from "../record/project";
import { SettingsError } from "../record/settingsError";
import type { Recording } from "../record/recording";
import { declaredMembers, parametersUnder, type DeclaredMember } from "./declared";
import { newDirectory, sweep } from "./leftovers";
import { loopback, ontoLoopback, type Exchange } from "./loopback";
import { Processes } from "./processes";
import { allReady, proofs, seconds, type Running } from "./proofs";

/** One step of a rehearsal. */
export interface Step {
  title: string;
  ok: boolean;
  /** What was seen, or why it failed. */
  detail: string;
  milliseconds: number;
}

/** What a rehearsal did and saw; it omits what it did not reach. */
export interface RehearsalReport {
  stack: string;
  ok: boolean;
  etcd?: Pick<EtcdBinaries, "version" | "source" | "cached">;
  /** From the first etcd process to all members ready. */
  readyMilliseconds?: number;
  /** The differences from the declaration, because the members run here. */
  exchanges?: Exchange[];
  /** The command line that each member ran with. */
  members?: { name: string; flags: string[] }[];
  apiServer?: { flags: string[] };
  steps: Step[];
}

/** Receives the progress of a rehearsal. */
export interface Progress {
  begin(title: string): void;
  /** More about the current step. */
  update(detail: string): void;
  end(step: Step): void;
}

export interface RehearsalOptions {
  program: StackProgram;
  /** Where etcd comes from. @default "auto" */
  from?: "auto" | EtcdSource;
  progress: Progress;
  signal: AbortSignal;
  /** Called with the running members once everything is proved; they end when it is done. */
  whenProved?: (running: Running) => Promise<void>;
}

/** A step failed; the report says which and why. */
class StepFailed extends Error {}

/**
 * Runs the members that a stack declares on this computer and proves them, one proof after the other. Stops at the
 * first that does not hold. Whatever happens, it leaves no process and no file behind.
 * @throws SettingsError for settings that are refused; the reason of `signal` when it aborts
 */
export async function rehearse(options: RehearsalOptions): Promise<RehearsalReport> {
  const report: RehearsalReport = { stack: options.program.stack, ok: false, steps: [] };
  try {
    await run(options, report);
    report.ok = true;
  } catch (error) {
    if (!(error instanceof StepFailed)) throw error;
  }
  return report;
}

async function run(options: RehearsalOptions, report: RehearsalReport): Promise<void> {
  sweep();
  const step = stepper(options, report);
  const recording = await step("run the program, issue its certificates", () => declare(options));
  report.apiServer = { flags: (recording.outputs.apiServer as { flags: string[] }).flags };
  const declared = declaredMembers(recording);
  const { version } = declared[0]!.identity.etcd;
  const binaries = await step(`get etcd ${version}`, () => get(options, declared[0]!));
  report.etcd = { version, source: binaries.source, cached: binaries.cached };

  const directory = newDirectory();
  const processes = await Processes.supervised(directory, binaries.etcd);
  try {
    const { members, exchanges } = await ontoLoopback(declared, directory);
    Object.assign(report, { exchanges, members: members.map(({ name, flags }) => ({ name, flags })) });
    const client = clientOf(recording, declared[0]!, directory);
    const running = { members, processes, binaries, ...client, signal: options.signal };

    await step(`start ${members.length} etcd`, async () => {
      const started = performance.now();
      await Promise.all(members.map((member) => processes.start(member)));
      await allReady(running);
      report.readyMilliseconds = Math.round(performance.now() - started);
      return { value: undefined, detail: `ready after ${seconds(report.readyMilliseconds)}` };
    });
    for (const { title, prove } of proofs) {
      await step(title, async () => ({ value: undefined, detail: await prove(running) }));
    }
    await options.whenProved?.(running);
  } finally {
    await processes.end();
  }
}

type Result<T> = { value: T; detail: string };

/** Runs steps, keeps their results in the report and reports the progress. */
function stepper({ progress, signal }: RehearsalOptions, report: RehearsalReport) {
  return async <T>(title: string, run: () => Promise<Result<T>>): Promise<T> => {
    signal.throwIfAborted();
    progress.begin(title);
    const start = performance.now();
    const ended = (ok: boolean, detail: string) => {
      const step = { title, ok, detail, milliseconds: Math.round(performance.now() - start) };
      report.steps.push(step);
      progress.end(step);
    };
    try {
      const { value, detail } = await abortable(run(), signal);
      ended(true, detail);
      return value;
    } catch (error) {
      signal.throwIfAborted();
      ended(false, (error as Error).message);
      throw error instanceof SettingsError ? error : new StepFailed();
    }
  };
}

/** The promise's outcome, or the signal's reason as soon as it aborts. */
function abortable<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason as Error);
    signal.addEventListener("abort", abort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", abort));
  });
}

async function declare({ program, signal }: RehearsalOptions): Promise<Result<Recording>> {
  // Members run on loopback, so their certificates name it in addition to what is declared.
  const extraAddresses = ({ ipAddresses }: { ipAddresses: string[] }) =>
    ipAddresses.length > 0 ? [loopback] : [];
  const value = await record(program, { issuer: { extraAddresses } }, signal);
  return { value, detail: `${value.resources.length} resources` };
}

async function get(
  { from, progress, signal }: RehearsalOptions,
  member: DeclaredMember,
): Promise<Result<EtcdBinaries>> {
  const report = (line: string) => progress.update(line);
  const value = await getEtcd({ ...member.identity.etcd, from, report, signal });
  const sources = {
    path: "found on PATH",
    release: "official release, checksum verified",
    go: "built from Go modules",
  };
  return { value, detail: `${sources[value.source]}${value.cached ? ", cached" : ""}` };
}

/** The API servers' client certificate, both as text and in files for etcdctl. */
function clientOf(recording: Recording, { identity }: DeclaredMember, directory: string) {
  const pki = parametersUnder(recording, clientPkiParameters(identity.cluster, "apiserver"));
  const client = { ca: pki["ca.crt"]!, cert: pki["client.crt"]!, key: pki["client.key"]! };
  const home = join(directory, "client");
  mkdirSync(home, { mode: 0o700 });
  const clientFiles = {
    ca: join(home, "ca.crt"),
    cert: join(home, "client.crt"),
    key: join(home, "client.key"),
  };
  for (const part of ["ca", "cert", "key"] as const)
    writeFileSync(clientFiles[part], client[part], { mode: 0o600 });
  return { client, clientFiles };
}
