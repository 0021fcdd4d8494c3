import type { WriterReport } from "../../rehearse/writer";
import { apiServerUrl } from "../world/kubeApiserver";
import type { World } from "../world/world";
import { OutsideClient, type Endpoint } from "./client";
import type { Seen } from "./events";
import { clientIdentity } from "./identity";
import type { Stack } from "./stack";

/** The client outside the machines: it writes while things go wrong, and judges what became of its writes. */
export class OutsideWriter {
  private client?: OutsideClient;
  private runs = 0;

  constructor(
    private readonly world: World,
    private readonly stack: Stack,
  ) {}

  /** Starts writing, to etcd through every present and future member, or to the API server. */
  async start(through: "etcd" | "api" = "etcd"): Promise<void> {
    this.client = await OutsideClient.writing("apiServer", {
      do: "write",
      prefix: `/drill/${this.runs++}/w`,
      endpoints: this.world.estate.machines.map(({ member }) => this.endpoint(member)),
      api: through === "api" ? apiServerUrl : undefined,
      identity: clientIdentity(this.world.estate),
    });
  }

  /** Waits until this many more writes are acknowledged. */
  async moreWrites(more: number): Promise<void> {
    await this.client!.moreWrites(more);
  }

  /**
   * Stops writing, and reads everything back through these members.
   * @throws Error if an acknowledged write is lost
   */
  async stop(readers: readonly string[] = this.stack.members): Promise<Omit<Seen, "what">> {
    const { acknowledged, lost, longestGap, p99 } = await this.judge(readers);
    if (lost.length > 0) throw new Error(`${lost.length} acknowledged writes are lost, as ${lost[0]}`);
    return { acknowledged, lost: lost.length, longestGap, p99 };
  }

  /** The same, but does not fail. */
  async judge(readers: readonly string[] = this.stack.members): Promise<WriterReport> {
    const report = await this.client!.judge(readers.map((member) => this.endpoint(member)));
    this.client!.end();
    this.client = undefined;
    return report;
  }

  /**
   * Makes this many writes of this many bytes each, which compress badly, and exits.
   * @param keys to how many keys @default one each
   * @throws Error with etcd's words if it refuses one
   */
  async fill(count: number, size: number, keys = count): Promise<void> {
    await OutsideClient.filling("apiServer", {
      do: "fill",
      prefix: `/drill/${this.runs++}/fill`,
      count,
      size,
      keys,
      endpoints: this.stack.members.map((member) => this.endpoint(member)),
      identity: clientIdentity(this.world.estate),
    });
  }

  private endpoint(member: string): Endpoint {
    const { cluster, dns } = this.world.estate;
    const record = dns.find(({ name }) => name.startsWith(`${member}.${cluster}.`));
    return { address: this.world.addressOf(member), serverName: record?.name ?? member };
  }
}
