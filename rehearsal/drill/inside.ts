/**
 * The process in which one drill lives, in namespaces of its own. Told by its one argument what to do; it
 * tells {@link DrillEvent}s, a JSON object a line. Everything ends with it, and it ends when its standard
 * input closes.
 */
import type { Pulumi } from "../../tools/pulumi";
import { architecture } from "../../tools/tool";
import { estateOf } from "../machines/estate";
import { prepareSpace, worldDirectory } from "../machines/space";
import { World } from "../machines/world";
import { record } from "../recorder";
import type { StackProgram } from "../recorder/project";
import type { Issued } from "../recorder/issuer";
import { Drill, withSettings } from "./drill";
import type { DrillEvent } from "./scenario";
import { measurements } from "./measurements";
import { scenarios } from "./scenarios";

export interface Orders {
  scenario: string;
  program: StackProgram;
  image: string;
  moto: string;
  mirror: string;
  /** Directory of etcdctl and etcdutl. */
  binaries: string;
  kubeApiserver?: string;
  pulumi?: Pulumi;
  /** SHA-256 of what the mirror has of each version. */
  checksums: Record<string, string>;
  cgroup: string;
}

const tell = (event: DrillEvent) => process.stdout.write(`${JSON.stringify(event)}\n`);

async function main(orders: Orders): Promise<void> {
  const scenario = [...scenarios, ...measurements].find(({ name }) => name === orders.scenario)!;
  const issued = new Map<string, Issued>();
  let world: World | undefined;
  try {
    await prepareSpace();
    const { settings = {} } = scenario;
    const checksum = orders.checksums[String(settings.version)];
    const program = withSettings(orders.program, {
      ...settings,
      ...(checksum && { checksums: { [architecture()!]: checksum } }),
    });
    tell({ event: "doing", what: "making the world that the stack declares" });
    const recording = await record(program, { issuer: { kept: issued } });
    const { image, moto, mirror, cgroup } = orders;
    world = await World.create(
      { image, moto, mirror, cgroup, directory: worldDirectory },
      estateOf(recording),
    );
    await scenario.run(new Drill(world, program, recording, issued, orders, tell));
    tell({ event: "passed" });
  } catch (error) {
    const journal = await world?.journals();
    tell({ event: "failed", message: String((error as Error).stack), journal });
  }
}

process.stdin.on("end", () => process.exit()).resume();
void main(JSON.parse(process.argv[2]!) as Orders);
