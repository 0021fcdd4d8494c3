import { spawn } from "node:child_process";
import { createRequire } from "node:module";
import { join } from "node:path";
import { settingsRefused } from "../../spec/refused";
import { RecordingEngine } from "./engine";
import { SettingsError, type StackProgram } from "./project";
import type { Recording } from "./recording";
import type { IssuerOptions } from "./issuer";

/** The program failed by itself; the message is its own. */
export class ProgramError extends Error {}

/**
 * Runs a stack's program, unmodified, as Pulumi does: a child process that speaks Pulumi's protocol, here
 * to a recording engine. Needs no Pulumi CLI, no provider and no network.
 * @throws SettingsError if the program refuses the stack's settings; ProgramError if it fails
 */
export async function record(
  program: StackProgram,
  issuer?: IssuerOptions,
  signal?: AbortSignal,
): Promise<Recording> {
  const region = program.config["aws:region"];
  if (region === undefined)
    throw new SettingsError(`Pulumi.${program.stack}.yaml: aws:region: missing; it has no default`);
  const attempt = async (traces: boolean) => {
    const engine = new RecordingEngine({ ...program, region }, issuer);
    try {
      const failure = await run(program, engine, traces, signal);
      return { recording: engine.recording, failure };
    } finally {
      engine.close();
    }
  };
  const { recording, failure } = await attempt(false);
  if (failure === undefined) return inOrder(recording);
  if (failure.startsWith(settingsRefused)) throw new SettingsError(failure);
  throw new ProgramError((await attempt(true)).failure ?? failure);
}

/** A program registers as its outputs resolve, in no order of its own; a recording is in the order of URNs. */
function inOrder(recording: Recording): Recording {
  const resources = recording.resources.toSorted((a, b) => (a.urn < b.urn ? -1 : 1));
  for (const { dependencies } of resources) dependencies.sort();
  return { ...recording, resources };
}

/**
 * Runs the program against the engine and returns why it failed, or undefined.
 * @param traces whether errors tell where they come from. The SDK formats a stack trace for each promise it
 * makes, a third of the time of a run; so a program runs without them, and once more with them if it fails.
 */
async function run(program: StackProgram, engine: RecordingEngine, traces: boolean, signal?: AbortSignal) {
  const address = await engine.listen();
  // The program's own SDK, which need not be ours.
  const { resolve } = createRequire(join(program.directory, "package.json"));
  const child = spawn(
    process.execPath,
    [
      ...(traces ? [] : ["--stack-trace-limit=0"]),
      // A short run that allocates much: a larger nursery saves it most collections.
      "--max-semi-space-size=64",
      // TypeScript is transpiled here, line by line, and checked in a step of its own.
      ...["--require", require.resolve("sucrase/register/ts")],
      resolve("@pulumi/pulumi/cmd/run"),
      ...["--monitor", address, "--engine", address],
      ...["--project", program.project, "--stack", program.stack, "--organization", "organization"],
      ...["--root-directory", program.directory, "--pwd", program.directory, "--parallel", "64"],
      program.main,
    ],
    {
      env: {
        ...process.env,
        PULUMI_CONFIG: JSON.stringify(program.config),
        PULUMI_CONFIG_SECRET_KEYS: "[]",
        PULUMI_NODEJS_TYPESCRIPT: "false",
      },
      // What the program prints belongs to the reader, not into a report on standard output.
      stdio: ["ignore", "pipe", "pipe"],
      signal,
    },
  );
  let stderr = "";
  child.stdout.pipe(process.stderr, { end: false });
  child.stderr.setEncoding("utf8").on("data", (chunk: string) => (stderr += chunk));
  const code = await new Promise<number | null>((done, fail) => child.on("error", fail).on("close", done));
  const errors = engine.recording.logs.filter(({ severity }) => severity === "error");
  if (code === 0 && errors.length === 0) return undefined;
  return errors.map(({ message }) => message.trim()).join("\n") || stderr.trim() || `exit code ${code}`;
}
