/**
 * Creates and owns the directory of one rehearsal and its processes. It runs as a process of its own, in a session of
 * its own, and ends everything when its standard input closes. So nothing is left however the rehearsal itself ended,
 * even if it was killed.
 *
 * Takes {@link SupervisorCommand}s and reports {@link SupervisorEvent}s, one JSON object per line.
 */
import { spawn, type ChildProcess } from "node:child_process";
import { closeSync, mkdirSync, openSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { keptFile, memberPidFile, supervisorPidFile } from "./leftovers";

export type SupervisorCommand =
  | { do: "start"; name: string; command: string; args: string[]; log: string }
  | { do: "kill"; name: string }
  /** From now on, live on after standard input closes, until SIGTERM. */
  | { do: "keep" };

export type SupervisorEvent =
  | { event: "ready" }
  | { event: "started"; name: string }
  | { event: "exited"; name: string; code: number | null; signal: string | null }
  | { event: "kept" };

function supervise(directory: string): void {
  const children = new Map<string, ChildProcess>();
  let keep = false;
  let ending = false;

  const tell = (event: SupervisorEvent) => process.stdout.write(`${JSON.stringify(event)}\n`);

  const start = ({ name, command, args, log }: Extract<SupervisorCommand, { do: "start" }>) => {
    const file = openSync(log, "a", 0o600);
    const child = spawn(command, args, { stdio: ["ignore", file, file] });
    closeSync(file);
    children.set(name, child);
    child.once("spawn", () => {
      writeFileSync(memberPidFile(directory, name), String(child.pid));
      tell({ event: "started", name });
    });
    const gone = (code: number | null, signal: string | null) => {
      if (children.get(name) === child) children.delete(name);
      tell({ event: "exited", name, code, signal });
      if (ending && children.size === 0) leave();
    };
    child.once("exit", gone);
    child.once("error", () => gone(null, null));
  };

  const end = () => {
    if (ending) return;
    ending = true;
    // A rehearsal's data is thrown away: there is no need to stop in order.
    for (const child of children.values()) child.kill("SIGKILL");
    if (children.size === 0) leave();
  };
  const leave = () => {
    rmSync(directory, { recursive: true, force: true });
    process.exit(0);
  };

  mkdirSync(directory, { mode: 0o700 });
  writeFileSync(join(directory, supervisorPidFile), String(process.pid));
  // The reader of our events may go away before we do.
  process.stdout.on("error", () => undefined);
  for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"] as const) process.on(signal, end);
  createInterface({ input: process.stdin })
    .on("line", (line) => {
      const command = JSON.parse(line) as SupervisorCommand;
      if (command.do === "start") start(command);
      else if (command.do === "kill") children.get(command.name)?.kill("SIGKILL");
      else {
        keep = true;
        writeFileSync(join(directory, keptFile), "");
        tell({ event: "kept" });
      }
    })
    .on("close", () => {
      if (!keep) end();
    });
  tell({ event: "ready" });
}

supervise(process.argv[2]!);
