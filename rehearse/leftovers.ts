import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execFileSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import { until } from "./until";

/** Prefix of rehearsals' directories, in the system's directory for temporary files. */
const prefix = "etcd-rehearsal-";
export const supervisorPidFile = "supervisor.pid";
/** This file exists if the rehearsal was asked to live on. */
export const keptFile = "kept";

export function memberPidFile(directory: string, member: string): string {
  return join(directory, `${member}.pid`);
}

/** A directory that no rehearsal uses yet; its supervisor creates it. */
export function newDirectory(): string {
  return join(tmpdir(), `${prefix}${randomUUID()}`);
}

/** Ends the rehearsals that were left running with `--keep`, and returns their directories. */
export async function stopKept(): Promise<string[]> {
  const kept = directories().filter(
    (directory) => existsSync(join(directory, keptFile)) && supervised(directory),
  );
  for (const directory of kept) {
    process.kill(pidIn(join(directory, supervisorPidFile))!, "SIGTERM");
    await until(`end of ${directory}`, async () => Promise.resolve(!existsSync(directory)));
  }
  return kept;
}

/** Removes what rehearsals with a killed supervisor left: orphaned processes and the directory. */
export function sweep(): void {
  for (const directory of directories().filter((each) => !supervised(each))) {
    for (const file of readdirSync(directory).filter((name) => name.endsWith(".pid"))) {
      const pid = pidIn(join(directory, file));
      if (pid !== undefined && commandLine(pid).includes(directory)) process.kill(pid, "SIGKILL");
    }
    rmSync(directory, { recursive: true, force: true });
  }
}

/** Directories of this user's rehearsals; one without a supervisor's pid is only just being made. */
function directories(): string[] {
  return readdirSync(tmpdir())
    .filter((name) => name.startsWith(prefix))
    .map((name) => join(tmpdir(), name))
    .filter((directory) => pidIn(join(directory, supervisorPidFile)) !== undefined);
}

function supervised(directory: string): boolean {
  const pid = pidIn(join(directory, supervisorPidFile));
  return pid !== undefined && commandLine(pid).includes(directory);
}

function pidIn(file: string): number | undefined {
  try {
    return Number(readFileSync(file, "utf8")) || undefined;
  } catch {
    // It belongs to another user, or disappeared in between.
    return undefined;
  }
}

/** A process' command line, empty if there is no such process: a pid alone may belong to somebody else by now. */
function commandLine(pid: number): string {
  try {
    return existsSync("/proc/self/cmdline")
      ? readFileSync(`/proc/${pid}/cmdline`, "utf8")
      : execFileSync("ps", ["-ww", "-o", "command=", "-p", String(pid)], { encoding: "utf8" });
  } catch {
    return "";
  }
}
