import { randomUUID } from "node:crypto";
import { until } from "../../until";
import type { Estate } from "../../machines/estate";
import type { Scenario } from "../scenario";
import { manifests } from "./backups";
import { loseAndReplace } from "./members";

export const founding: Scenario = {
  name: "founding",
  title: "five machines boot from the declared user data and found one cluster",
  sharesWorld: true,
  async run(drill) {
    await drill.found();
  },
};

export const debian13: Scenario = {
  name: "debian-13",
  title:
    "machines of Debian 13 found a cluster, back it up, and live through a lost machine and a lost volume",
  release: "trixie",
  async run(drill) {
    await drill.found();
    await manifests(drill, 1);
    await drill.under("a machine is replaced", async () => {
      await drill.world.replace(await drill.follower(), "kill");
    });
    await drill.under("a volume is lost", async () => {
      await loseAndReplace(drill, await drill.follower());
    });
  },
};

export const foundingByDns: Scenario = {
  name: "founding-by-dns",
  title: "the same, found by SRV records",
  settings: { discovery: "dns" },
  async run(drill) {
    await drill.found("five machines find each other by SRV records");
    await drill.under("a machine is replaced", async () => {
      await drill.world.replace(await drill.follower(), "kill");
    });
  },
};

export const powerCutFounding: Scenario = {
  name: "power-cut-founding",
  title: "power cut of all five between the record that they start and their first start",
  async run(drill) {
    const { world } = drill;
    const started = new Set<string>();
    // The record is kept, but no machine hears of it any more.
    world.gateway.intercept = ({ action, body }) => {
      const { Name, Value } = JSON.parse(action === "ssm:PutParameter" ? String(body) : "{}") as Record<
        string,
        string
      >;
      if (!Name?.includes("/started/")) return false;
      void world.account
        .putParameter(Name, Value!)
        .then(() => started.add(Name.slice(Name.lastIndexOf("/") + 1)));
      return true;
    };
    drill.doing("all five machines write that they start");
    await Promise.all(drill.members.map((member) => world.boot(member)));
    await until("five records", () => Promise.resolve(started.size === drill.members.length), {
      within: 120_000,
    });
    for (const member of drill.members) {
      const running = await world
        .machine(member)
        .exec("pgrep", "-c", "-x", "etcd")
        .catch(() => "0");
      if (Number(running) > 0) throw new Error(`etcd runs on ${member} before its record was answered`);
    }
    world.gateway.intercept = undefined;
    const what = "the power goes before etcd starts anywhere; it comes back";
    drill.doing(what);
    const start = performance.now();
    await world.reset(drill.members, "cutPower");
    await drill.healthy();
    drill.seen({ what, timeToHealth: performance.now() - start });
  },
};

export const foundedAnew: Scenario = {
  name: "founded-anew",
  title: "destroyed, and founded anew under the same name: old records are ignored",
  async run(drill) {
    const { world } = drill;
    await drill.found();
    const before = await drill.etcdctl(drill.members, "put", "/left", "behind");
    if (!before.includes("OK")) throw new Error(before);
    drill.doing("the stack is destroyed");
    for (const member of drill.members) {
      await world.end(member, "kill");
      await world.loseVolume(member);
    }
    // A stack that is made anew has another key, which names its incarnation.
    const { keyArn } = world.estate;
    const other = keyArn.replace(/[^/]+$/, randomUUID());
    const id = (arn: string) => arn.slice(arn.lastIndexOf("/") + 1);
    const anew = JSON.stringify(world.estate).replaceAll(id(keyArn), id(other));
    await world.declare(JSON.parse(anew) as Estate);
    await drill.found("the same stack is founded anew");
    const found = await drill.etcdctl(drill.members, "get", "/left");
    if (found.trim() !== "") throw new Error(`the old cluster's data is there: ${found}`);
  },
};
