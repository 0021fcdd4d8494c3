import { setTimeout } from "node:timers/promises";
import type { Scenario } from "../harness/scenario";
import { defaultRates, Throttle } from "../world/throttle";

/** How long a healthy cluster is looked at, in milliseconds: as long as its slowest timer, which is of five minutes. */
const span = 300_000;

/** What a healthy cluster of five asks of Parameter Store a second, when nothing happens. */
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
