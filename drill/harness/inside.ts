/**
 * The process in which one world of drills lives, in namespaces of its own. Its one argument tells it what to do. It
 * reports {@link DrillEvent}s, one JSON object per line, until all drills have passed or one has failed. Everything
 * ends with it, and it ends when its standard input closes.
 */
import { architecture } from "../../tools/tool";
import { estateOf } from "../world/estate";
import { startMoto } from "../world/moto";
import { prepareSpace, worldDirectory } from "../world/space";
import { World } from "../world/world";
import { record } from "../../record";
import { withSettings } from "../../record/project";
import type { Issued } from "../../record/issuer";
import { Drill } from "./drill";
import type { DrillEvent } from "./events";
import type { Orders } from "./orders";
import type { Scenario } from "./scenario";
import { measurements } from "../measurements";
import { scenarios } from "../scenarios";

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
    const drill = new Drill(world, { program, recording, issued }, orders, tell);
    for (const scenario of chosen) {
      await scenario.run(drill);
      await world.gateway.signed.verify(moto);
      if (scenario.leavesWorld) await drill.putBack();
      tell({ event: "passed" });
    }
  } catch (error) {
    const journal = await world?.journals();
    tell({ event: "failed", message: String((error as Error).stack), journal });
  }
}

process.stdin.on("end", () => process.exit()).resume();
void main(JSON.parse(process.argv[2]!) as Orders);
