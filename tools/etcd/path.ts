import { delimiter, resolve } from "node:path";
import { isExecutable, names, type Binaries } from "./binaries";
import { Unavailable } from "./errors";
import type { GetEtcdOptions } from "./options";
import { versionProblem } from "./version";

/**
 * etcd, etcdctl and etcdutl on PATH, all three of exactly this version.
 * @throws Unavailable naming what is missing or of another version
 */
export async function findOnPath({ version, signal }: GetEtcdOptions): Promise<Binaries> {
  const found: Partial<Binaries> = Object.fromEntries(names.map((name) => [name, onPath(name)]));
  const missing = names.filter((name) => found[name] === undefined);
  if (missing.length > 0) throw new Unavailable(`${missing.join(", ")} not on PATH`);
  const binaries = found as Binaries;
  for (const name of names) {
    const problem = await versionProblem(name, binaries[name], version, signal);
    if (problem !== undefined) throw new Unavailable(`${binaries[name]}: ${problem}`);
  }
  return binaries;
}

function onPath(name: string): string | undefined {
  return (process.env.PATH ?? "")
    .split(delimiter)
    .filter((directory) => directory !== "")
    .map((directory) => resolve(directory, name))
    .find(isExecutable);
}
