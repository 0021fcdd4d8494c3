import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { ToolError } from "../../tools/etcd";

/** The ToolError that an attempt ends with; anything else fails the test. */
export async function refused(attempt: Promise<unknown>): Promise<ToolError> {
  const error = await attempt.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(ToolError);
  return error as ToolError;
}

/** Entries of the cache, and what a download or build might have left beside them. */
export function inCache(cacheDir: string): string[] {
  const entries = join(cacheDir, "etcd");
  return existsSync(entries) ? readdirSync(entries) : [];
}

/** Waits until something holds, for 10 s at most. */
export async function until(holds: () => boolean): Promise<void> {
  const deadline = Date.now() + 10_000;
  while (!holds()) {
    if (Date.now() > deadline) throw new Error(`not so within 10 s: ${holds.toString()}`);
    await new Promise((resolve) => setImmediate(resolve));
  }
}
