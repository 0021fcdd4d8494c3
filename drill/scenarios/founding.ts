import { randomUUID } from "node:crypto";
import { until } from "../../rehearse/until";
import { startedUnanswered } from "../faults/aws";
import { machineDies, powerCut } from "../faults/machines";
import { volumeLost } from "../faults/volumes";
import type { Estate } from "../world/estate";
import type { Scenario } from "../harness/scenario";

export const founding: Scenario = {
  name: "founding",
  title: "five machines boot from the declared user data and found one cluster",
  leavesWorld: true,
  async run(drill) {
    await drill.foundCluster();
    drill.seen({ what: String(drill.world.gateway.throttle) });
  },
};

export const debian13: Scenario = {
  name: "debian-13",
  title:
    "machines of Debian 13 found a cluster, back it up, and live through a lost machine and a lost volume",
  release: "trixie",
  async run(drill) {
    await drill.foundCluster();
    await drill.backups.manifests(1);
    await drill.under("a machine is replaced", async () => {
      await drill.during(machineDies(await drill.cluster.follower()));
    });
    await drill.under("a volume is lost", async () => {
      await drill.during(volumeLost(await drill.cluster.follower()));
    });
  },
};

export const foundingByDns: Scenario = {
  name: "founding-by-dns",
  title: "the same, found by SRV records",
  settings: { discovery: "dns" },
  async run(drill) {
    await drill.foundCluster("five machines find each other by SRV records");
    await drill.under("a machine is replaced", async () => {
      await drill.during(machineDies(await drill.cluster.follower()));
    });
  },
};

export const powerCutFounding: Scenario = {
  name: "power-cut-founding",
  title: "power cut of all five between the record that they start and their first start",
  foundsCluster: true,
  async run(drill) {
    const { world } = drill;
    const unanswered = startedUnanswered();
    await drill.inject(unanswered);
    drill.doing("all five machines write that they start");
    await Promise.all(drill.members.map((member) => world.boot(member)));
    await until("five records", () => Promise.resolve(unanswered.started.size === drill.members.length), {
      within: 120_000,
    });
    for (const member of drill.members) {
      const running = await world
        .machine(member)
        .exec("pgrep", "-c", "-x", "etcd")
        .catch(() => "0");
      if (Number(running) > 0) throw new Error(`etcd runs on ${member} before its record was answered`);
    }
    await unanswered.heal(world);
    const what = "the power goes before etcd starts anywhere; it comes back";
    drill.doing(what);
    const start = performance.now();
    await drill.during(powerCut(drill.members));
    await drill.cluster.healthy();
    drill.seen({ what, timeToHealth: performance.now() - start });
  },
};

export const foundedAnew: Scenario = {
  name: "founded-anew",
  title: "destroyed, and founded anew under the same name: old records are ignored",
  async run(drill) {
    const { world } = drill;
    await drill.foundCluster();
    const before = await drill.cluster.etcdctl(drill.members, "put", "/left", "behind");
    if (!before.includes("OK")) throw new Error(before);
    drill.doing("the stack is destroyed");
    for (const member of drill.members) {
      await world.end(member, "kill");
      await world.loseVolume(member);
    }
    // A recreated stack has another key, which names its incarnation.
    const { keyArn } = world.estate;
    const other = keyArn.replace(/[^/]+$/, randomUUID());
    const id = (arn: string) => arn.slice(arn.lastIndexOf("/") + 1);
    const anew = JSON.stringify(world.estate).replaceAll(id(keyArn), id(other));
    await world.declare(JSON.parse(anew) as Estate);
    await drill.foundCluster("the same stack is founded anew");
    const left = await drill.cluster.etcdctl(drill.members, "get", "/left");
    if (left.trim() !== "") throw new Error(`the old cluster's data is there: ${left}`);
  },
};
