import { setTimeout } from "node:timers/promises";
import type { Scenario } from "../harness/scenario";
import { defaultRates, Throttle } from "../world/throttle";

/** How long to watch a healthy cluster, in milliseconds: one period of its slowest timer, which is five minutes. */
const span = 300_000;

/** How many calls a second a healthy cluster of five makes to Parameter Store when nothing happens. */
export const parameterStoreCalls: Scenario = {
  name: "parameter-store",
  title: "calls of Parameter Store by a healthy cluster",
  async run(drill) {
    await drill.foundCluster();
    await drill.backups.manifests(1);
    const throttle = new Throttle(defaultRates);
    drill.world.gateway.throttle = throttle;
    await setTimeout(span);
    const { reads, writes } = throttle.seen;
    const perSecond = (calls: number) => calls / (span / 1000);
    drill.seen({ what: "calls a second", reads: perSecond(reads), writes: perSecond(writes) });
  },
};
