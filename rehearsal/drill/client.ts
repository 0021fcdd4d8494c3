import { spawn, type ChildProcess } from "node:child_process";
import { join } from "node:path";
import { once } from "node:events";
import type { ClientIdentity } from "../local/kvClient";
import type { WriterReport } from "../local/writer";

/** A member as a client dials it. */
export interface Endpoint {
  address: string;
  /** What its certificate must carry. */
  serverName: string;
}

export type ClientCommand =
  | { do: "write"; prefix: string; endpoints: Endpoint[]; identity: ClientIdentity }
  | { do: "judge"; readers: Endpoint[] };

export type ClientEvent =
  | { event: "acknowledged" }
  | { event: "judged"; report: WriterReport }
  | { event: "failed"; message: string };

/** A client on a host of its own, outside the machines: it writes, remembers what was acknowledged, and judges. */
export class OutsideClient {
  private constructor(private readonly process: ChildProcess) {}

  /** Starts to write, and waits for the first acknowledged write. */
  static async writing(
    host: string,
    command: Extract<ClientCommand, { do: "write" }>,
  ): Promise<OutsideClient> {
    const child = spawn(
      "ip",
      [
        ...["netns", "exec", host, process.execPath, "--require", require.resolve("sucrase/register/ts")],
        join(__dirname, "clientProcess.ts"),
      ],
      { stdio: ["ignore", "ignore", "inherit", "ipc"] },
    );
    const client = new OutsideClient(child);
    const [event] = await Promise.all([client.next(), Promise.resolve(child.send(command))]);
    if (event.event !== "acknowledged") throw new Error(`the writer did not start: ${JSON.stringify(event)}`);
    return client;
  }

  /** Ends the writing and reads everything back through each of the readers. */
  async judge(readers: Endpoint[]): Promise<WriterReport> {
    const [event] = await Promise.all([
      this.next(),
      Promise.resolve(this.process.send({ do: "judge", readers } satisfies ClientCommand)),
    ]);
    if (event.event !== "judged") throw new Error(`the writer could not judge: ${JSON.stringify(event)}`);
    return event.report;
  }

  end(): void {
    this.process.kill("SIGKILL");
  }

  private async next(): Promise<ClientEvent> {
    const ended = once(this.process, "exit").then(() => ({ event: "failed", message: "it ended" }) as const);
    const [event] = (await Promise.race([once(this.process, "message"), ended.then((each) => [each])])) as [
      ClientEvent,
    ];
    return event;
  }
}
