import { setTimeout as delay } from "node:timers/promises";
import { percentile } from "./percentile";

/** What a writer writes to, and what it reads back from. */
export interface Store {
  /** Rejects when the write was not acknowledged within the time, in milliseconds. */
  put(key: string, value: string, timeout?: number): Promise<void>;
  /** Keys that begin so, with their values. */
  list(prefix: string, timeout?: number): Promise<Map<string, string>>;
}

/** What a writer saw from outside. Times in milliseconds. */
export interface WriterReport {
  acknowledged: number;
  /** Acknowledged writes that were not there afterwards: must be none. */
  lost: string[];
  /** Longest time between two acknowledged writes. */
  longestGap: number;
  /** How long 99 % of the acknowledged writes took at most. */
  p99: number;
}

/**
 * Writes one key after another, through the next member whenever one fails, and remembers what was
 * acknowledged. The verdict on a fault comes from here, from outside the members.
 */
export class Writer {
  private readonly acknowledged: { key: string; at: number; took: number }[] = [];
  private stopped = false;
  private readonly running: Promise<void>;

  /** @param pause milliseconds between two writes, acknowledged or not */
  constructor(
    private readonly clients: readonly Store[],
    private readonly prefix: string,
    private readonly pause: number,
  ) {
    this.running = this.write();
  }

  get count(): number {
    return this.acknowledged.length;
  }

  private async write(): Promise<void> {
    let client = 0;
    for (let n = 0; !this.stopped; n++) {
      const key = `${this.prefix}${n}`;
      try {
        const start = performance.now();
        await this.clients[client]!.put(key, key);
        const at = performance.now();
        this.acknowledged.push({ key, at, took: at - start });
      } catch {
        // Not acknowledged: it may or may not be there, so it is not counted and not written again.
        client = (client + 1) % this.clients.length;
      }
      await delay(this.pause);
    }
  }

  /** Ends the writing, once the write under way is answered. */
  async stop(): Promise<void> {
    this.stopped = true;
    await this.running;
  }

  /** Reads everything back through each of the readers. */
  async judge(readers: readonly Store[]): Promise<WriterReport> {
    const stores = await Promise.all(readers.map((reader) => reader.list(this.prefix)));
    const lost = this.acknowledged.filter(({ key }) => stores.some((store) => store.get(key) !== key));
    const gaps = this.acknowledged.slice(1).map(({ at }, index) => at - this.acknowledged[index]!.at);
    return {
      acknowledged: this.acknowledged.length,
      lost: lost.map(({ key }) => key),
      longestGap: Math.max(0, ...gaps),
      p99: percentile(this.acknowledged.map(({ took }) => took))(0.99),
    };
  }
}
