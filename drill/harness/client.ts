import { spawn, type ChildProcess } from "node:child_process";
import { join } from "node:path";
import { once } from "node:events";
import { transpiler } from "../../record/transpiler";
import type { ClientIdentity } from "../../rehearse/kvClient";
import type { WriterReport } from "../../rehearse/writer";

/** A member as a client dials it. */
export interface Endpoint {
  address: string;
  /** What its certificate must carry. */
  serverName: string;
}

export type ClientCommand =
  /** Write to etcd through these members, or to the API server at this URL. */
  | { do: "write"; prefix: string; endpoints: Endpoint[]; identity: ClientIdentity; api?: string }
  /** Make this many writes of this many bytes to this many keys of etcd. */
  | {
      do: "fill";
      prefix: string;
      count: number;
      size: number;
      keys: number;
      endpoints: Endpoint[];
      identity: ClientIdentity;
    }
  /** Wait until this many more writes are acknowledged. */
  | { do: "await"; more: number }
  | { do: "judge"; readers: Endpoint[] };

export type ClientEvent =
  | { event: "acknowledged" }
  | { event: "judged"; report: WriterReport }
  | { event: "failed"; message: string };

/** A client on a host of its own, outside the machines: it writes, remembers what was acknowledged, and judges. */
export class OutsideClient {
  private constructor(private readonly process: ChildProcess) {}

  /** Starts writing, and waits for the first acknowledged write. */
  static async writing(
    host: string,
    command: Extract<ClientCommand, { do: "write" }>,
  ): Promise<OutsideClient> {
    const client = OutsideClient.on(host);
    await client.ask(command, "acknowledged");
    return client;
  }

  /** Fills the store and exits. */
  static async filling(host: string, command: Extract<ClientCommand, { do: "fill" }>): Promise<void> {
    const client = OutsideClient.on(host);
    await client.ask(command, "acknowledged");
    client.end();
  }

  private static on(host: string): OutsideClient {
    const child = spawn(
      "ip",
      [
        ...["netns", "exec", host, process.execPath, "--require", transpiler],
        join(__dirname, "clientProcess.ts"),
      ],
      { stdio: ["ignore", "ignore", "inherit", "ipc"] },
    );
    return new OutsideClient(child);
  }

  /** Waits until this many more writes are acknowledged. */
  async moreWrites(more: number): Promise<void> {
    await this.ask({ do: "await", more }, "acknowledged");
  }

  /** Stops writing and reads everything back through each of the readers. */
  async judge(readers: Endpoint[]): Promise<WriterReport> {
    return (await this.ask({ do: "judge", readers }, "judged")).report;
  }

  end(): void {
    this.process.kill("SIGKILL");
  }

  private async ask<Kind extends ClientEvent["event"]>(
    command: ClientCommand,
    kind: Kind,
  ): Promise<Extract<ClientEvent, { event: Kind }>> {
    const answer = once(this.process, "message") as Promise<[ClientEvent]>;
    const ended = once(this.process, "exit").then(() => [{ event: "failed", message: "it ended" }] as const);
    this.process.send(command);
    const [event] = await Promise.race([answer, ended]);
    if (event.event !== kind)
      throw new Error(`the client outside could not ${command.do}: ${JSON.stringify(event)}`);
    return event as Extract<ClientEvent, { event: Kind }>;
  }
}
