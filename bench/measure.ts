import { spawnSync } from "node:child_process";

/** The middle value. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  return sorted.length % 2 === 1 ? sorted[Math.floor(middle)]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** Milliseconds as a median with its range, for people. */
export function spread(values: readonly number[]): string {
  const ms = (value: number) => `${Math.round(value)} ms`;
  return `median ${ms(median(values))} (${ms(Math.min(...values))} to ${ms(Math.max(...values))}, ${values.length} rounds)`;
}

/** Milliseconds that a Node process takes. */
export function timed(args: string[]): number {
  const start = performance.now();
  const { status, stderr } = spawnSync(process.execPath, args, { encoding: "utf8" });
  if (status !== 0) throw new Error(`node ${args.join(" ")}: ${stderr}`);
  return performance.now() - start;
}
