import type { Scenario } from "../harness/scenario";
import { machineDies } from "../faults/machines";
import { volumeLost } from "../faults/volumes";

/** Repeats the same faults, for medians. */
export const repeatedFaults: Scenario = {
  name: "repeated-faults",
  title: "the same faults five times over, on one cluster",
  async run(drill) {
    await drill.foundCluster();
    for (let round = 0; round < 5; round++) {
      await drill.under("a follower's machine dies and is replaced", async () => {
        await drill.during(machineDies(await drill.cluster.follower()));
      });
      await drill.under("the leader's machine dies and is replaced", async () => {
        await drill.during(machineDies(await drill.cluster.leader()));
      });
      await drill.under("the leader's machine is replaced as planned", async () => {
        await drill.world.replace(await drill.cluster.leader(), "shutDown");
      });
      await drill.under("a volume is lost: the new machine is promoted", async () => {
        await drill.during(volumeLost(await drill.cluster.follower()));
      });
    }
  },
};
