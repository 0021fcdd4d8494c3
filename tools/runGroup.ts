import { spawn } from "node:child_process";
import { Unavailable } from "./errors";

/** How much of a failed command's output the message shows. */
const told = { characters: 4000, lines: 10 };

/**
 * Runs a command silently to its end; if the signal aborts, kills it with its children.
 * @throws Unavailable if it is not on PATH, or with the end of its output if it fails; the signal's reason
 */
export async function runGroup(
  command: string,
  args: string[],
  { cwd, env, signal }: { cwd: string; env: NodeJS.ProcessEnv; signal?: AbortSignal },
): Promise<void> {
  signal?.throwIfAborted();
  // Detached puts it into a process group of its own, so that its children can be killed with it.
  const child = spawn(command, args, { cwd, env, stdio: ["ignore", "pipe", "pipe"], detached: true });
  let output = "";
  const keep = (chunk: string) => (output = (output + chunk).slice(-told.characters));
  child.stdout.setEncoding("utf8").on("data", keep);
  child.stderr.setEncoding("utf8").on("data", keep);
  const kill = () => killGroup(child.pid);
  signal?.addEventListener("abort", kill, { once: true });
  try {
    const code = await new Promise<number | null>((resolve, reject) =>
      child.on("error", reject).on("close", resolve),
    );
    signal?.throwIfAborted();
    if (code === 0) return;
    const end = output.trimEnd().split("\n").slice(-told.lines).join("\n");
    throw new Unavailable(`${command} ${args.join(" ")} failed:\n${end}`);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    throw new Unavailable(`${command} is not on PATH`);
  } finally {
    signal?.removeEventListener("abort", kill);
  }
}

function killGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, "SIGKILL");
  } catch {
    // It has just ended by itself.
  }
}
