import type { Scenario } from "../scenario";
import { loseAndReplace } from "../scenarios/members";

/** The same faults over and over, for medians. */
export const repeatedFaults: Scenario = {
  name: "repeated-faults",
  title: "the same faults five times over, on one cluster",
  async run(drill) {
    await drill.found();
    for (let round = 0; round < 5; round++) {
      await drill.under("a follower's machine dies and is replaced", async () => {
        await drill.world.replace(await drill.follower(), "kill");
      });
      await drill.under("the leader's machine dies and is replaced", async () => {
        await drill.world.replace(await drill.leader(), "kill");
      });
      await drill.under("the leader's machine is replaced as planned", async () => {
        await drill.world.replace(await drill.leader(), "shutDown");
      });
      await drill.under("a volume is lost: the new machine is promoted", async () => {
        await loseAndReplace(drill, await drill.follower());
      });
    }
  },
};
