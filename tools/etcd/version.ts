import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { binariesIn, names } from "./binaries";
import { ToolError } from "./errors";

const run = promisify(execFile);

/** A version command answers at once; a binary still at it after so long, in milliseconds, does not work. */
const patience = 20_000;

/**
 * What a binary that should be of this version does instead, as "reports version 3.6.1, not 3.6.16".
 * @throws the signal's reason if it aborts meanwhile
 */
export async function versionProblem(
  name: (typeof names)[number],
  file: string,
  version: string,
  signal?: AbortSignal,
): Promise<string | undefined> {
  const command = name === "etcd" ? "--version" : "version";
  try {
    const { stdout } = await run(file, [command], { timeout: patience, signal });
    // "etcd Version: 3.6.16", "etcdctl version: 3.6.16" and then the API's
    const reported = new RegExp(`^${name} version: (\\S+)$`, "im").exec(stdout)?.[1];
    return reported === version ? undefined : `reports version ${reported ?? "none"}, not ${version}`;
  } catch (error) {
    signal?.throwIfAborted();
    return `does not run here (${(error as Error).message.split("\n")[0]})`;
  }
}

/** @throws ToolError unless each of the three in the directory runs and is of this version */
export async function assertVersion(directory: string, version: string, signal?: AbortSignal): Promise<void> {
  const binaries = binariesIn(directory);
  for (const name of names) {
    const problem = await versionProblem(name, binaries[name], version, signal);
    if (problem !== undefined) throw new ToolError(`${name}: ${problem}, so none of the three is used`);
  }
}
