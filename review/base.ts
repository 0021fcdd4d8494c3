import { execFile } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { record } from "../record";
import { loadAgain, withStackFile, type StackProgram } from "../record/project";
import { SettingsError } from "../record/settingsError";
import type { Recording } from "../record/recording";

const run = promisify(execFile);

/**
 * Records what a change is compared with: a stack file with other settings for the same program, or the
 * program and its stack at a revision of git.
 * @throws SettingsError if there is neither such a file nor such a revision, or the stack is not in it
 */
export async function recordBase(
  base: string,
  program: StackProgram,
  signal: AbortSignal,
): Promise<Recording> {
  try {
    return existsSync(base)
      ? await record(withStackFile(program, base), {}, signal)
      : await recordRevision(base, program, signal);
  } catch (error) {
    signal.throwIfAborted();
    throw error instanceof SettingsError ? new SettingsError(`--base ${base}: ${error.message}`) : error;
  }
}

async function recordRevision(base: string, program: StackProgram, signal: AbortSignal): Promise<Recording> {
  const { directory } = program;
  const git = async (...args: string[]) => (await run("git", args, { cwd: directory, signal })).stdout.trim();
  const revision = await git(
    "rev-parse",
    "--verify",
    "--quiet",
    "--end-of-options",
    `${base}^{commit}`,
  ).catch(() => {
    signal.throwIfAborted();
    throw new SettingsError("is neither a file nor a revision of git here");
  });
  const then = mkdtempSync(join(tmpdir(), "etcd-review-"));
  try {
    const archive = join(then, "program.tar");
    await git("archive", "--output", archive, `${revision}:${await git("rev-parse", "--show-prefix")}`);
    await run("tar", ["-xf", archive, "-C", then], { signal });
    // The revision runs with the packages installed now: it brings none.
    symlinkSync(join(directory, "node_modules"), join(then, "node_modules"));
    return await record(loadAgain(program, then), {}, signal);
  } finally {
    rmSync(then, { recursive: true, force: true });
  }
}
