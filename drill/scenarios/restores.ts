import { until } from "../../rehearse/until";
import { together } from "../faults/fault";
import { machineDies } from "../faults/machines";
import { volumeLost } from "../faults/volumes";
import type { Drill } from "../harness/drill";
import type { Scenario } from "../harness/scenario";
import { frequentBackups } from "./backups";

export const restore: Scenario = {
  name: "restore",
  title:
    "the latest backup is restored under a real kube-apiserver: objects are back, watchers are told to relist",
  needs: ["kube-apiserver"],
  async run(drill) {
    await drill.foundCluster();
    await drill.apiServer.start();
    await create(drill, "before");
    const version = await resourceVersion(drill);
    drill.doing("a backup");
    const [kept] = await drill.backups.manifests(1, await drill.backups.request());
    await create(drill, "after");

    const what = "restored on all five members";
    drill.doing("a restore is declared while the API server runs: it is made ready, and held up");
    await drill.stack.declare({ restore: { snapshot: "latest", generation: 2 } });
    for (const member of drill.members)
      await drill.cluster.says(member, "generation 2 is restored here and ready to start", "etcd-watch");
    await drill.cluster.says(drill.members[0]!, "API servers to be stopped", "etcd-watch");
    await drill.cluster.etcdctl(drill.members, "endpoint", "health");
    drill.doing("the API server is stopped: all five members restore");
    await drill.apiServer.stop();
    const start = performance.now();
    await generation(drill, 2);
    await drill.cluster.healthy();
    drill.seen({ what, timeToHealth: performance.now() - start });
    drill.seen({ what: String(drill.world.gateway.throttle) });

    await drill.apiServer.start();
    await asBackedUp(drill);
    const answer = await api(drill, `configmaps?watch=1&timeoutSeconds=5&resourceVersion=${version}`);
    if (!answer.includes('"code":410'))
      throw new Error(`a watcher of the past was not told to relist: ${answer}`);
    drill.seen({
      what: `lost as named: what was written after revision ${kept!.revision}; a watcher got 410 Gone`,
    });

    await drill.under("a disk lost after the restore joins, it does not restore again", async () => {
      await drill.during(volumeLost(await drill.cluster.follower()));
    });
    if ((await names(drill)).includes("after")) throw new Error("an object of after the backup is there");
  },
};

export const majorityLost: Scenario = {
  name: "majority-lost",
  title:
    "three of five volumes are lost for good: restored from nothing but the bucket, a straggler included",
  settings: frequentBackups,
  async run(drill) {
    const { world } = drill;
    await drill.foundCluster();
    await drill.cluster.etcdctl(drill.members, "put", "/kept", "yes");
    const [kept] = await drill.backups.manifests(1, await drill.backups.request());
    const straggler = drill.members[4]!;
    const lost = together(...drill.members.slice(0, 3).map(volumeLost));
    await drill.inject(lost);
    await drill.inject(machineDies(straggler));
    await drill.stack.declare({ restore: { snapshot: "latest", generation: 2 } });
    drill.doing("all machines come up; the straggler later");
    const start = performance.now();
    await lost.heal(world);
    await world.boot(straggler);
    await generation(drill, 2);
    await drill.cluster.healthy();
    const value = await drill.cluster.etcdctl(drill.members, "get", "/kept", "--print-value-only");
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
  leavesWorld: true,
  async run(drill) {
    const { world } = drill;
    await drill.foundCluster();
    const [kept] = await drill.backups.manifests(1);
    const good = await world.account.object(kept!.snapshot);
    drill.doing("a restore from a bucket without a backup is refused");
    await drill.backups.deleteManifests();
    await drill.stack.declare({ restore: { snapshot: "latest", generation: 2 } });
    await drill.cluster.says(drill.members[1]!, "has no manifest whose snapshot is there", "etcd-watch");
    await drill.cluster.healthy();
    await drill.stack.declare({ restore: undefined });
    const flipped = Buffer.from(good);
    flipped[Math.floor(flipped.length / 2)]! ^= 1;
    for (const [name, content] of [
      ["truncated", good.subarray(0, good.length / 2)],
      ["flipped", flipped],
    ] as const) {
      drill.doing(`a snapshot that is ${name} is declared`);
      await world.account.putObject(`elsewhere/${name}.db`, content);
      await drill.stack.declare({
        restore: { snapshot: `s3://${world.estate.bucket}/elsewhere/${name}.db`, generation: 2 },
      });
      await drill.cluster.says(drill.members[1]!, "is no snapshot of etcd, or damaged", "etcd-watch");
      await drill.cluster.healthy();
      await drill.stack.declare({ restore: undefined });
    }
    drill.seen({ what: "all three refused; the cluster of generation 1 runs on" });
  },
};

export const restoreNewNames: Scenario = {
  name: "restore-new-names",
  title: "restored onto five machines of new names and addresses: flags and balancer follow",
  async run(drill) {
    await drill.foundCluster();
    await drill.cluster.etcdctl(drill.members, "put", "/kept", "yes");
    await drill.backups.manifests(1, await drill.backups.request());
    drill.doing("the five machines are gone; five others restore");
    const old = drill.members;
    await drill.inject(together(...old.map(machineDies)));
    const renamed = drill.stack.declared.map(({ subnet, address }, index) => ({
      name: `member${index + 6}`,
      subnet,
      address: address.replace(/\d+$/, (last) => String(Number(last) + 20)),
    }));
    const start = performance.now();
    await drill.stack.declare({ members: renamed, restore: { snapshot: "latest", generation: 2 } });
    await Promise.all(drill.members.map((member) => drill.world.boot(member)));
    await generation(drill, 2);
    await drill.cluster.healthy();
    drill.seen({ what: "restored under new names", timeToHealth: performance.now() - start });
    const value = await drill.cluster.etcdctl(drill.members, "get", "/kept", "--print-value-only");
    if (value.trim() !== "yes") throw new Error("what was backed up is not back");
    const flags = drill.world.estate.apiServer.flags.join(" ");
    const missing = renamed.filter(({ address }) => !flags.includes(`https://${address}:2379`));
    if (missing.length > 0) throw new Error(`the API servers' flags lack ${JSON.stringify(missing)}`);
    for (const member of drill.members) await drill.cluster.balancerSays(member, "healthy");
  },
};

/** Waits until every member's status reports this generation, and ready. */
export async function generation(drill: Drill, number: number): Promise<void> {
  for (const member of drill.members)
    await drill.cluster.status(
      member,
      (status) => status.generation === number && status.ready && status.voter,
    );
}

function api(drill: Drill, path: string, ...args: string[]): Promise<string> {
  return drill.apiServer.call(`/api/v1/namespaces/default/${path}`, ...args);
}

/** @throws Error unless the object made before the backup is there, and the one made after it is not */
export async function asBackedUp(drill: Drill): Promise<void> {
  const there = await names(drill);
  if (!there.includes("before")) throw new Error("the object of before the backup is not back");
  if (there.includes("after")) throw new Error("an object of after the backup is there");
}

/** Makes a ConfigMap. */
export async function create(drill: Drill, name: string): Promise<void> {
  const body = JSON.stringify({ metadata: { name } });
  await until(`ConfigMap ${name}`, async () =>
    (await api(drill, "configmaps", "-H", "content-type: application/json", "-d", body)).includes('"uid"'),
  );
}

/** Names of the existing ConfigMaps. */
export async function names(drill: Drill): Promise<string[]> {
  const { items } = JSON.parse(await api(drill, "configmaps")) as { items: { metadata: { name: string } }[] };
  return items.map(({ metadata }) => metadata.name);
}

async function resourceVersion(drill: Drill): Promise<string> {
  const { metadata } = JSON.parse(await api(drill, "configmaps")) as {
    metadata: { resourceVersion: string };
  };
  return metadata.resourceVersion;
}
