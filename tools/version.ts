import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { ToolError } from "./errors";
import { binariesIn, type Tool } from "./tool";

const run = promisify(execFile);

/** A version command answers at once; a binary that takes longer than this, in milliseconds, does not work. */
const patience = 20_000;

/**
 * What a binary that should be of this version does instead, for example "reports version 3.6.1, not 3.6.16".
 * @throws the signal's reason if it aborts meanwhile
 */
export async function versionProblem<Name extends string>(
  tool: Tool<Name>,
  name: Name,
  file: string,
  version: string,
  signal?: AbortSignal,
): Promise<string | undefined> {
  try {
    const { stdout } = await run(file, tool.versionArguments(name), { timeout: patience, signal });
    const reported = tool.reportedVersion(name, stdout);
    return reported === version ? undefined : `reports version ${reported ?? "none"}, not ${version}`;
  } catch (error) {
    signal?.throwIfAborted();
    return `does not run here (${(error as Error).message.split("\n")[0]})`;
  }
}

/** @throws ToolError unless each binary in the directory runs and has this version */
export async function assertVersion<Name extends string>(
  tool: Tool<Name>,
  directory: string,
  version: string,
  signal?: AbortSignal,
): Promise<void> {
  const binaries = binariesIn(tool, directory);
  for (const name of tool.names) {
    const problem = await versionProblem(tool, name, binaries[name], version, signal);
    if (problem !== undefined) throw new ToolError(`${name}: ${problem}, so nothing of it is used`);
  }
}
