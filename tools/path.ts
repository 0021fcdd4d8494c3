import { Unavailable } from "./errors";
import { onPath } from "./executable";
import type { Binaries, GetOptions, Tool } from "./tool";
import { versionProblem } from "./version";

/**
 * Finds a tool's binaries on PATH, all of exactly this version.
 * @throws Unavailable naming what is missing or has another version
 */
export async function findOnPath<Name extends string>(
  tool: Tool<Name>,
  { version, signal }: GetOptions,
): Promise<Binaries<Name>> {
  const found: Record<string, string | undefined> = Object.fromEntries(
    tool.names.map((name) => [name, onPath(name)]),
  );
  const missing = tool.names.filter((name) => found[name] === undefined);
  if (missing.length > 0) throw new Unavailable(`${missing.join(", ")} not on PATH`);
  const binaries = found as Binaries<Name>;
  for (const name of tool.names) {
    const problem = await versionProblem(tool, name, binaries[name], version, signal);
    if (problem !== undefined) throw new Unavailable(`${binaries[name]}: ${problem}`);
  }
  return binaries;
}
