import { mkdir, mkdtemp, rename, rm } from "node:fs/promises";
import { homedir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { ToolError } from "./errors";
import { isExecutable } from "./executable";
import { binariesIn, type Binaries, type GetOptions, type Source, type Tool } from "./tool";

/** Where downloaded and built tools are kept. */
export function cacheRoot(): string {
  return join(process.env.XDG_CACHE_HOME || join(homedir(), ".cache"), "etcd-kubernetes");
}

/** Where binaries of a version and source are kept for this system. */
export function cacheEntry({ title }: Tool, { version, cacheDir }: GetOptions, source: Source): string {
  const root = cacheDir ?? cacheRoot();
  return resolve(root, title, `${version}-${source}-${process.platform}-${process.arch}`);
}

/** The binaries of an entry, if it was filled before. */
export function cached<Name extends string>(tool: Tool<Name>, entry: string): Binaries<Name> | undefined {
  const binaries = binariesIn(tool, entry);
  return tool.names.every((name) => isExecutable(binaries[name])) ? binaries : undefined;
}

/**
 * Fills an entry whole or not at all: it writes beside the entry, then renames once. Another process may fill the same
 * entry at the same time; the first one wins.
 * @throws ToolError if the cache cannot be written, and whatever `put` throws
 */
export async function fill<Name extends string>(
  tool: Tool<Name>,
  entry: string,
  put: (directory: string) => Promise<void>,
): Promise<Binaries<Name>> {
  let temporary: string | undefined;
  try {
    await mkdir(dirname(entry), { recursive: true });
    temporary = await mkdtemp(`${entry}.`);
    await put(temporary);
    await moveInto(tool, entry, temporary);
  } catch (error) {
    // Only file errors have a syscall: a full disk, a directory that belongs to another user.
    const { syscall, message } = error as NodeJS.ErrnoException;
    if (syscall === undefined) throw error;
    throw new ToolError(
      `${entry}: cannot be written (${message}); make room or choose another place with XDG_CACHE_HOME`,
    );
  } finally {
    // Retry if a compiler that was killed a moment ago has still left a file behind.
    if (temporary !== undefined) await rm(temporary, { recursive: true, force: true, maxRetries: 5 });
  }
  return binariesIn(tool, entry);
}

async function moveInto(tool: Tool, entry: string, filled: string): Promise<void> {
  try {
    await rename(filled, entry);
  } catch {
    if (cached(tool, entry) !== undefined) return;
    // Something incomplete is there, for example after a clean-up that removed one file.
    await rm(entry, { recursive: true, force: true });
    await rename(filled, entry);
  }
}
