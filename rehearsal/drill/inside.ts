/**
 * The process in which one world of drills lives, in namespaces of its own. Told by its one argument what to
 * do; it tells {@link DrillEvent}s, a JSON object a line, until all have passed or one has failed. Everything
 * ends with it, and it ends when its standard input closes.
 */
import type { Pulumi } from "../../tools/pulumi";
import { architecture } from "../../tools/tool";
import { estateOf } from "../machines/estate";
import { startMoto } from "../machines/moto";
import { prepareSpace, worldDirectory } from "../machines/space";
import { World } from "../machines/world";
import { record } from "../recorder";
import { withSettings, type StackProgram } from "../recorder/project";
import type { Issued } from "../recorder/issuer";
import { Drill } from "./drill";
import type { DrillEvent, Scenario } from "./scenario";
import { measurements } from "./measurements";
import { scenarios } from "./scenarios";

export interface Orders {
  /** Names of drills that run in one world, in their order. */
  scenarios: readonly string[];
  program: StackProgram;
  image: string;
  moto: string;
  mirror: string;
  /** Directory of etcdctl and etcdutl. */
  binaries: string;
  kubeApiserver?: string;
  kubectl?: string;
  /** What a control plane's machine has, without etcd. */
  controlPlane?: readonly string[];
  pulumi?: Pulumi;
  /** Python that has AWS' CLI. */
  aws?: string;
  /** SHA-256 of what the mirror has of each version. */
  checksums: Record<string, string>;
  cgroup: string;
}

const tell = (event: DrillEvent) => process.stdout.write(`${JSON.stringify(event)}\n`);

async function main(orders: Orders): Promise<void> {
  const chosen = orders.scenarios.map((wanted) =>
    [...scenarios, ...measurements].find(({ name }) => name === wanted)!,
  );
  const issued = new Map<string, Issued>();
  let world: World | undefined;
  try {
    await prepareSpace();
    const [{ settings = {} }] = chosen as [Scenario];
    const checksum = orders.checksums[String(settings.version)];
    const program = withSettings(orders.program, {
      ...settings,
      ...(checksum && { checksums: { [architecture()!]: checksum } }),
    });
    tell({ event: "doing", what: "making the world that the stack declares" });
    const { image, moto, mirror, cgroup } = orders;
    const [recording] = await Promise.all([record(program, { issuer: { kept: issued } }), startMoto(moto)]);
    world = await World.create({ image, mirror, cgroup, directory: worldDirectory }, estateOf(recording));
    const drill = new Drill(world, program, recording, issued, orders, tell);
    for (const scenario of chosen) {
      await scenario.run(drill);
      if (scenario.sharesWorld) await drill.putBack();
      tell({ event: "passed" });
    }
  } catch (error) {
    const journal = await world?.journals();
    tell({ event: "failed", message: String((error as Error).stack), journal });
  }
}

process.stdin.on("end", () => process.exit()).resume();
void main(JSON.parse(process.argv[2]!) as Orders);
