import { setTimeout as delay } from "node:timers/promises";
import { percentile } from "./percentile";

/** What a writer writes to, and what it reads back from. */
export interface Store {
  /** Rejects if the write is not acknowledged within the timeout, in milliseconds. */
  put(key: string, value: string, timeout?: number): Promise<void>;
  /** Keys with this prefix, with their values. */
  list(prefix: string, timeout?: number): Promise<Map<string, string>>;
}

/** What a writer saw from outside. Times are in milliseconds. */
export interface WriterReport {
  acknowledged: number;
  /** Acknowledged writes that were missing afterwards: must be empty. */
  lost: string[];
  /** Longest time between two acknowledged writes. */
  longestGap: number;
  /** The 99th percentile of the time that an acknowledged write took. */
  p99: number;
}

/**
 * Writes one key after another, moves to the next member whenever a write fails, and remembers what was acknowledged.
 * The verdict on a fault comes from here, from outside the members.
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
        // Not acknowledged: it may or may not be there, so do not count it and do not write it again.
        client = (client + 1) % this.clients.length;
      }
      await delay(this.pause);
    }
  }

  /** Stops writing, once the current write is answered. */
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
