import { spawn } from "node:child_process";

/** A program failed; the message says which program and what it said. */
export class CommandFailed extends Error {
  constructor(
    command: string,
    readonly status: number | null,
    readonly said: string,
    /** All of its standard output. */
    readonly printed: string,
  ) {
    super(`${command} ended with ${status}: ${said.trim()}`);
  }
}

/**
 * Runs a program to its end and returns what it printed.
 * @throws CommandFailed with what it said on standard error
 */
export async function run(
  command: string,
  args: readonly string[],
  { input, env, cwd }: { input?: string; env?: NodeJS.ProcessEnv; cwd?: string } = {},
): Promise<string> {
  const child = spawn(command, args, { env: { ...process.env, ...env }, cwd });
  let stdout = "";
  let stderr = "";
  child.stdout.setEncoding("utf8").on("data", (chunk: string) => (stdout += chunk));
  child.stderr.setEncoding("utf8").on("data", (chunk: string) => (stderr += chunk));
  // The program may end without reading all of its input.
  child.stdin.on("error", () => undefined).end(input);
  const status = await new Promise<number | null>((done, fail) =>
    child.once("error", fail).once("close", done),
  );
  if (status !== 0)
    throw new CommandFailed([command, ...args].map(shortened).join(" "), status, stderr || stdout, stdout);
  return stdout;
}

/** An argument as a message shows it: a long value must not drown what the program said. */
const shortened = (argument: string): string =>
  argument.length > 1000 ? `${argument.slice(0, 80)}… (${argument.length} characters)` : argument;
