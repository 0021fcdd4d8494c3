import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { record } from "../record";
import { loadStack } from "../record/project";
import { table } from "../text/table";
import { median, spread, timed } from "./measure";

const packages = ["@pulumi/pulumi", "@pulumi/aws", "@pulumi/tls"];

/**
 * The plan of `prod` beside a bare Node process that imports the same Pulumi packages, and what five
 * clusters in one program cost beside one.
 */
export async function benchPlan(rounds: number): Promise<string> {
  const bare: number[] = [];
  const plan: number[] = [];
  const clusters = {
    1: { time: [] as number[], memory: [] as number[] },
    5: { time: [] as number[], memory: [] as number[] },
  };
  for (let round = 0; round < rounds; round++) {
    bare.push(timed(["--eval", packages.map((name) => `require("${name}")`).join(";")]));
    plan.push(timed(["--require", "./transpile.cjs", "commands/plan.ts"]));
    for (const count of [1, 5] as const) {
      const { time, memory } = await recorded(count);
      clusters[count].time.push(time);
      clusters[count].memory.push(memory);
    }
  }
  const [one, five] = [clusters[1], clusters[5]];
  const each = (values: "time" | "memory") => (median(five[values]) - median(one[values])) / 4;
  const mib = (values: number[]) => `${median(values).toFixed(0)} MiB peak in the program's process`;
  return table(undefined, [
    ["node importing the same packages", spread(bare)],
    ["plan of prod", spread(plan)],
    ["ratio", `${(median(plan) / median(bare)).toFixed(2)} (wanted: at most 2.5)`],
    ["1 cluster in a program, recorded", `${spread(one.time)}, ${mib(one.memory)}`],
    ["5 clusters in a program, recorded", `${spread(five.time)}, ${mib(five.memory)}`],
    ["each further cluster", `${Math.round(each("time"))} ms, ${each("memory").toFixed(1)} MiB`],
  ]);
}

/** Records the program of so many clusters: milliseconds, and its process' peak memory in MiB. */
async function recorded(count: number): Promise<{ time: number; memory: number }> {
  const directory = mkdtempSync(join(tmpdir(), "bench-"));
  const file = join(directory, "peak");
  const options = process.env.NODE_OPTIONS ?? "";
  try {
    process.env.PEAK_MEMORY_FILE = file;
    process.env.NODE_OPTIONS = `${options} --require ${join(__dirname, "peakMemory.cjs")}`;
    const start = performance.now();
    await record(loadStack(join(__dirname, "clusters"), String(count)));
    return { time: performance.now() - start, memory: Number(readFileSync(file, "utf8")) / 1024 };
  } finally {
    process.env.NODE_OPTIONS = options;
    rmSync(directory, { recursive: true });
  }
}
