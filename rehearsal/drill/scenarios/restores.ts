import { until } from "../../until";
import type { Drill } from "../drill";
import type { Scenario } from "../scenario";
import { manifests, requestBackup } from "./backups";
import { loseAndReplace } from "./members";

export const restore: Scenario = {
  name: "restore",
  title:
    "the latest backup is restored under a real kube-apiserver: objects are back, watchers are told to relist",
  needs: ["kube-apiserver"],
  async run(drill) {
    await drill.found();
    await drill.startApiServer();
    await create(drill, "before");
    const version = await resourceVersion(drill);
    drill.doing("a backup");
    const [kept] = await manifests(drill, 1, await requestBackup(drill));
    await create(drill, "after");

    const what = "restored on all five members";
    drill.doing("a restore is declared while the API server runs: it is made ready, and held up");
    await drill.declare({ restore: { snapshot: "latest", generation: 2 } });
    for (const member of drill.members)
      await drill.says(member, "generation 2 is restored here and ready to start", "etcd-watch");
    await drill.says(drill.members[0]!, "API servers to be stopped", "etcd-watch");
    await drill.etcdctl(drill.members, "endpoint", "health");
    drill.doing("the API server is stopped: all five members restore");
    await drill.apiServer!.stop();
    const start = performance.now();
    await generation(drill, 2);
    await drill.healthy();
    drill.seen({ what, timeToHealth: performance.now() - start });

    await drill.startApiServer();
    const there = await names(drill);
    if (!there.includes("before")) throw new Error("the object of before the backup is not back");
    if (there.includes("after")) throw new Error("an object of after the backup is there");
    const answer = await api(drill, `configmaps?watch=1&timeoutSeconds=5&resourceVersion=${version}`);
    if (!answer.includes('"code":410'))
      throw new Error(`a watcher of the past was not told to relist: ${answer}`);
    drill.seen({
      what: `lost as named: what was written after revision ${kept!.revision}; a watcher got 410 Gone`,
    });

    await drill.under("a disk lost after the restore joins, it does not restore again", async () => {
      await loseAndReplace(drill, await drill.follower());
    });
    if ((await names(drill)).includes("after")) throw new Error("an object of after the backup is there");
  },
};

export const majorityLost: Scenario = {
  name: "majority-lost",
  title:
    "three of five volumes are lost for good: restored from nothing but the bucket, a straggler included",
  settings: { backups: { interval: 5, retention: 30 } },
  async run(drill) {
    const { world } = drill;
    await drill.found();
    await drill.etcdctl(drill.members, "put", "/kept", "yes");
    const [kept] = await manifests(drill, 1, await requestBackup(drill));
    const straggler = drill.members[4]!;
    const lost = drill.members.slice(0, 3);
    drill.doing("three volumes are lost; one of the others is switched off");
    for (const member of lost) {
      await world.end(member, "kill");
      await world.loseVolume(member);
    }
    await world.end(straggler, "kill");
    await drill.declare({ restore: { snapshot: "latest", generation: 2 } });
    drill.doing("all machines come up; the straggler later");
    const start = performance.now();
    await Promise.all(lost.map((member) => world.boot(member)));
    await world.boot(straggler);
    await generation(drill, 2);
    await drill.healthy();
    const value = await drill.etcdctl(drill.members, "get", "/kept", "--print-value-only");
    if (value.trim() !== "yes") throw new Error("what was backed up is not back");
    drill.seen({
      what: `restored to revision ${kept!.revision} from the bucket`,
      timeToHealth: performance.now() - start,
    });
  },
};

export const badSnapshot: Scenario = {
  name: "bad-snapshot",
  title: "a truncated snapshot, a flipped byte, an empty bucket: refused while the cluster runs on",
  async run(drill) {
    const { world } = drill;
    await drill.found();
    const [kept] = await manifests(drill, 1);
    const good = await world.account.object(kept!.snapshot);
    drill.doing("a restore from a bucket without a backup is refused");
    for (const key of await world.account.objects("manifests/")) await world.account.deleteObject(key);
    await drill.declare({ restore: { snapshot: "latest", generation: 2 } });
    await drill.says(drill.members[1]!, "has no manifest whose snapshot is there", "etcd-watch");
    await drill.healthy();
    await drill.declare({ restore: undefined });
    const flipped = Buffer.from(good);
    flipped[Math.floor(flipped.length / 2)]! ^= 1;
    for (const [name, content] of [
      ["truncated", good.subarray(0, good.length / 2)],
      ["flipped", flipped],
    ] as const) {
      drill.doing(`a snapshot that is ${name} is declared`);
      await world.account.putObject(`elsewhere/${name}.db`, content);
      await drill.declare({
        restore: { snapshot: `s3://${world.estate.bucket}/elsewhere/${name}.db`, generation: 2 },
      });
      await drill.says(drill.members[1]!, "is no snapshot of etcd, or damaged", "etcd-watch");
      await drill.healthy();
      await drill.declare({ restore: undefined });
    }
    drill.seen({ what: "all three refused; the cluster of generation 1 runs on" });
  },
};

export const restoreNewNames: Scenario = {
  name: "restore-new-names",
  title: "restored onto five machines of new names and addresses: flags and balancer follow",
  async run(drill) {
    await drill.found();
    await drill.etcdctl(drill.members, "put", "/kept", "yes");
    await manifests(drill, 1, await requestBackup(drill));
    drill.doing("the five machines are gone; five others restore");
    const old = drill.members;
    for (const member of old) await drill.world.end(member, "kill");
    const renamed = drill.declared.map(({ subnet, address }, index) => ({
      name: `member${index + 6}`,
      subnet,
      address: address.replace(/\d+$/, (last) => String(Number(last) + 20)),
    }));
    const start = performance.now();
    await drill.declare({ members: renamed, restore: { snapshot: "latest", generation: 2 } });
    await Promise.all(drill.members.map((member) => drill.world.boot(member)));
    await generation(drill, 2);
    await drill.healthy();
    drill.seen({ what: "restored under new names", timeToHealth: performance.now() - start });
    const value = await drill.etcdctl(drill.members, "get", "/kept", "--print-value-only");
    if (value.trim() !== "yes") throw new Error("what was backed up is not back");
    const flags = drill.world.estate.apiServer.flags.join(" ");
    const missing = renamed.filter(({ address }) => !flags.includes(`https://${address}:2379`));
    if (missing.length > 0) throw new Error(`the API servers' flags lack ${JSON.stringify(missing)}`);
    for (const member of drill.members) await drill.balancerSays(member, "healthy");
  },
};

/** Waits until every member's status is of this generation, and ready. */
export async function generation(drill: Drill, number: number): Promise<void> {
  for (const member of drill.members)
    await drill.status(member, (status) => status.generation === number && status.ready && status.voter);
}

function api(drill: Drill, path: string, ...args: string[]): Promise<string> {
  return drill.api(`/api/v1/namespaces/default/${path}`, ...args);
}

async function create(drill: Drill, name: string): Promise<void> {
  const body = JSON.stringify({ metadata: { name } });
  await until(`ConfigMap ${name}`, async () =>
    (await api(drill, "configmaps", "-H", "content-type: application/json", "-d", body)).includes('"uid"'),
  );
}

async function names(drill: Drill): Promise<string[]> {
  const { items } = JSON.parse(await api(drill, "configmaps")) as { items: { metadata: { name: string } }[] };
  return items.map(({ metadata }) => metadata.name);
}

async function resourceVersion(drill: Drill): Promise<string> {
  const { metadata } = JSON.parse(await api(drill, "configmaps")) as {
    metadata: { resourceVersion: string };
  };
  return metadata.resourceVersion;
}
