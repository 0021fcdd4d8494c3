import { spawn, type ChildProcess } from "node:child_process";
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { transpiler } from "../record/transpiler";
import { sweep } from "./leftovers";
import { loopback, type LocalMember } from "./loopback";
import type { SupervisorCommand, SupervisorEvent } from "./supervisor";

/** etcd exited by itself while it should run. */
export class MemberExited extends Error {}

/** The supervisor exited, and we did not ask it to. */
export class SupervisorLost extends Error {
  override message = "the rehearsal's supervisor was ended by someone else";
}

/** The processes of a rehearsal, started and ended through its supervisor. */
export class Processes {
  private readonly listeners = new Set<(event: SupervisorEvent) => void>();
  /** Members that were started and have not exited. */
  private readonly running = new Set<string>();
  /** Whether the supervisor has ended. */
  private closed = false;
  /** Whether it lives on without us. */
  private kept = false;

  private constructor(
    private readonly supervisor: ChildProcess,
    private readonly etcd: string,
  ) {
    createInterface({ input: supervisor.stdout! }).on("line", (line) => {
      const event = JSON.parse(line) as SupervisorEvent;
      if (event.event === "started") this.running.add(event.name);
      if (event.event === "exited") this.running.delete(event.name);
      for (const listener of this.listeners) listener(event);
    });
    supervisor.once("exit", () => (this.closed = true));
    // Its exit tells us that a supervisor died; writing to it must not end us first.
    supervisor.stdin!.on("error", () => undefined);
  }

  /**
   * Starts a supervisor that makes `directory` and owns it.
   * @param etcd path of the etcd binary
   */
  static async supervised(directory: string, etcd: string): Promise<Processes> {
    const child = spawn(
      process.execPath,
      ["--require", transpiler, join(__dirname, "supervisor.ts"), directory],
      // In a session of its own: Ctrl-C reaches only us, and we end it.
      { detached: true, stdio: ["pipe", "pipe", "ignore"] },
    );
    const processes = new Processes(child, etcd);
    await processes.told((event) => event.event === "ready");
    return processes;
  }

  /** Writes a member's certificates and starts its etcd. */
  async start(member: LocalMember): Promise<void> {
    const pki = join(member.directory, "pki");
    mkdirSync(pki, { recursive: true, mode: 0o700 });
    for (const [file, content] of Object.entries(member.pki)) {
      writeFileSync(join(pki, file), content, { mode: 0o600 });
    }
    mkdirSync(join(member.directory, "data"), { recursive: true, mode: 0o700 });
    chmodSync(join(member.directory, "data"), 0o700);
    const started = this.told((event) => event.event === "started" && event.name === member.name);
    this.send({ do: "start", name: member.name, command: this.etcd, args: member.flags, log: logOf(member) });
    await started;
  }

  /** Kills a member's etcd as a power cut would, and waits until it is gone. */
  async kill(member: LocalMember): Promise<void> {
    const gone = this.told((event) => event.event === "exited" && event.name === member.name);
    this.send({ do: "kill", name: member.name });
    await gone;
  }

  /**
   * Whether a member reports ready, on its own health listener.
   * @throws MemberExited with the end of its log if its process is gone
   */
  async ready(member: LocalMember): Promise<boolean> {
    if (!this.running.has(member.name)) {
      throw new MemberExited(`etcd of ${member.name} ended by itself:\n${logEnd(member)}`);
    }
    try {
      const answer = await fetch(`http://${loopback}:${member.ports[2381]}/readyz`);
      await answer.body?.cancel();
      return answer.ok;
    } catch {
      return false;
    }
  }

  /** Lets the members outlive us; from then on {@link end} does nothing. */
  async keep(): Promise<void> {
    const kept = this.told((event) => event.event === "kept");
    this.send({ do: "keep" });
    await kept;
    this.kept = true;
    this.supervisor.unref();
    this.supervisor.stdin!.destroy();
    this.supervisor.stdout!.destroy();
  }

  /**
   * Ends every process and removes the directory.
   * @throws Error if the supervisor was already gone; it then sweeps up after it
   */
  async end(): Promise<void> {
    if (this.kept) return;
    if (this.closed) {
      sweep();
      throw new SupervisorLost();
    }
    const gone = new Promise((resolve) => this.supervisor.once("exit", resolve));
    this.supervisor.stdin!.end();
    await gone;
  }

  private send(command: SupervisorCommand): void {
    this.supervisor.stdin!.write(`${JSON.stringify(command)}\n`);
  }

  /** Resolves with the next event that matches; rejects if the supervisor goes away first. */
  private told(matches: (event: SupervisorEvent) => boolean): Promise<SupervisorEvent> {
    return new Promise((resolve, reject) => {
      if (this.closed) return reject(new SupervisorLost());
      const listener = (event: SupervisorEvent) => {
        if (!matches(event)) return;
        this.listeners.delete(listener);
        resolve(event);
      };
      this.listeners.add(listener);
      this.supervisor.once("exit", () => reject(new SupervisorLost()));
    });
  }
}

function logOf(member: LocalMember): string {
  return join(member.directory, "etcd.log");
}

function logEnd(member: LocalMember): string {
  return readFileSync(logOf(member), "utf8").trimEnd().split("\n").slice(-5).join("\n");
}
