import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer, type AddressInfo } from "node:net";
import { settingsRefused } from "../spec/refused";
import type { CallHook } from "./hooks";
import { transpiler } from "./transpiler";
import { regionOf, type StackProgram } from "./project";
import type { Recording } from "./recording";
import type { IssuerOptions } from "./issuer";
import { commandOf } from "./sdk";
import { lean, nursery } from "./sdkProcess";
import { SettingsError } from "./settingsError";

export interface RecordOptions {
  /** How certificates are issued. */
  issuer?: IssuerOptions;
  /**
   * Run the program as the engine does before a first deployment: ids, addresses and whatever else a provider answers
   * are unknown.
   * @default false
   */
  preview?: boolean;
  /**
   * Called when the program has registered everything and waits for the engine to finish, which is when an update
   * deletes. Its hooks can then be called as the engine calls them.
   */
  atEnd?: (recording: Recording, callHook: CallHook) => Promise<void>;
}

/** The program itself failed; the message is its own. */
export class ProgramError extends Error {}

/** The program asks for something that only the engine can make; the message names it and says what to do instead. */
export class NotRecordable extends ProgramError {}

/**
 * Runs a stack's program, unmodified, as Pulumi does: a child process that speaks Pulumi's protocol, here to a
 * recorder. Needs no Pulumi CLI, no provider and no network.
 * @throws SettingsError if the program refuses the stack's settings; NotRecordable if it asks for something that only
 * the engine can make; ProgramError if it fails
 */
export async function record(
  program: StackProgram,
  options: RecordOptions = {},
  signal?: AbortSignal,
): Promise<Recording> {
  const region = regionOf(program);
  assertFits(program);
  const attempt = (traces: boolean) => run({ ...program, region }, options, traces, signal);
  const { recording, failure } = await attempt(false);
  if (failure === undefined) return inOrder(recording);
  if (failure.startsWith(settingsRefused)) throw new SettingsError(failure);
  throw new ProgramError((await attempt(true)).failure ?? failure);
}

/** The longest variable that Linux passes to a process, including its name and the zero at its end. */
const longestVariable = 128 * 1024;

/** Pulumi passes a program its configuration in a variable, so an update would fail at the same size as this does. */
function assertFits({ config, stackFile }: StackProgram): void {
  const size = Buffer.byteLength(`PULUMI_CONFIG=${JSON.stringify(config)}`) + 1;
  if (size <= longestVariable) return;
  throw new SettingsError(
    `${stackFile}: config: has ${size} bytes; a program takes ${longestVariable} at most, as Linux hands them over`,
  );
}

/** A program registers resources as its outputs resolve, in no fixed order; a recording sorts them by URN. */
function inOrder(recording: Recording): Recording {
  const resources = recording.resources.toSorted((a, b) => (a.urn < b.urn ? -1 : 1));
  for (const { dependencies } of resources) dependencies.sort();
  return { ...recording, resources };
}

/**
 * Runs the program against a recorder and returns what was recorded and why it failed, if it did.
 * @param traces whether errors say where they come from. The SDK formats a stack trace for each promise it makes, which
 * takes a third of a run's time. So a program runs without them, and once more with them if it fails.
 */
async function run(
  program: StackProgram & { region: string },
  options: RecordOptions,
  traces: boolean,
  signal?: AbortSignal,
): Promise<{ recording: Recording; failure?: string }> {
  const listener = createServer();
  await once(listener.listen(0, "127.0.0.1"), "listening");
  try {
    const { port } = listener.address() as AddressInfo;
    const child = start(program, `127.0.0.1:${port}`, { ...options, traces }, signal);
    // Both the program and its recorder take time to load, so they load in parallel.
    // eslint-disable-next-line @typescript-eslint/no-require-imports
    const { Recorder } = require("./recorder") as typeof import("./recorder");
    const recorder = new Recorder(program, options);
    listener.on("connection", (connection) => recorder.serve(connection));

    let stderr = "";
    child.stdout.pipe(process.stderr, { end: false });
    child.stderr.setEncoding("utf8").on("data", (chunk: string) => (stderr += chunk));
    const code = await new Promise<number | null>((done, fail) => child.on("error", fail).on("close", done));
    recorder.close();
    if (recorder.endProblem !== undefined) throw recorder.endProblem as Error;
    const { recording, refusals } = recorder;
    // A refusal stands even if the program goes on without the resource: the engine would have made it.
    if (refusals.length > 0) throw new NotRecordable([...new Set(refusals)].join("\n"));
    const errors = recording.logs.filter(({ severity }) => severity === "error");
    if (code === 0 && errors.length === 0) return { recording };
    const failure = errors.map(({ message }) => message.trim()).join("\n") || stderr.trim();
    return { recording, failure: failure || `exit code ${code}` };
  } finally {
    listener.close();
  }
}

/** Starts the program as Pulumi's language host does. */
function start(
  program: StackProgram,
  address: string,
  { preview, traces }: { preview?: boolean; traces: boolean },
  signal?: AbortSignal,
) {
  return spawn(
    process.execPath,
    [
      ...nursery,
      ...["--require", transpiler],
      ...(traces ? [] : ["--require", lean]),
      commandOf(program.directory, "run"),
      ...["--monitor", address, "--engine", address],
      ...[
        "--project",
        program.project,
        "--stack",
        program.stack,
        "--organization",
        program.organization ?? "organization",
      ],
      ...["--root-directory", program.directory, "--pwd", program.directory, "--parallel", "64"],
      ...(preview ? ["--dry-run"] : []),
      program.main,
    ],
    {
      cwd: program.directory,
      env: {
        ...process.env,
        PULUMI_CONFIG: JSON.stringify(program.config),
        PULUMI_CONFIG_SECRET_KEYS: JSON.stringify(program.secretKeys),
        PULUMI_NODEJS_TYPESCRIPT: "false",
      },
      // What the program prints is for the reader, and does not belong in a report on standard output.
      stdio: ["ignore", "pipe", "pipe"],
      signal,
    },
  );
}
