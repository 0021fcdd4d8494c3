import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { run } from "../../tools/run";
import { diskFull, slowVolume } from "../faults/volumes";
import { worldDirectory } from "../world/space";
import type { Volume } from "../world/volume";
import type { Scenario } from "../harness/scenario";

export const fullDisk: Scenario = {
  name: "disk-full",
  title: "a member's disk is full: the others go on; freed, it is back",
  leavesWorld: true,
  async run(drill) {
    await drill.foundCluster();
    const member = await drill.cluster.follower();
    // If the full member dies with a write in hand, the client must send it again; etcdctl does not.
    const others = drill.members.filter((each) => each !== member);
    await drill.under("a disk is filled, and freed", () =>
      drill.during(diskFull(member), async () => {
        // Values larger than the writer's fill the space that etcd has preallocated.
        for (let n = 0; n < 60; n++)
          await drill.cluster.etcdctl(others, "put", `/fill/${n}`, "x".repeat(120_000));
        await drill.cluster.says(member, "no space left on device", "etcd");
        await drill.writer.moreWrites(50);
      }),
    );
  },
};

export const slowDisk: Scenario = {
  name: "slow-disk",
  title: "a disk too slow for etcd is refused at the join, with its figure",
  settings: { admission: { fsyncP99: 50, slowDisk: "refuse" } },
  async run(drill) {
    await drill.foundCluster();
    const member = await drill.cluster.follower();
    const slow = slowVolume(member, 20);
    await drill.inject(slow);
    await drill.cluster.says(member, "refused: the disk is too slow: fdatasync p99", "etcd");
    const rest = drill.members.filter((each) => each !== member);
    const list = await drill.cluster.list(rest);
    if (list.some(({ isLearner }) => isLearner))
      throw new Error(`it was added all the same: ${JSON.stringify(list)}`);
    await drill.under("the disk is exchanged for a fast one", () => slow.heal(drill.world));
  },
};

export const foreignVolume: Scenario = {
  name: "foreign-volume",
  title: "another cluster's volume, or another member's, is refused and left as it is",
  leavesWorld: true,
  async run(drill) {
    await drill.foundCluster();
    const { world } = drill;
    const [first, second] = drill.members as [string, string];
    const own = world.volume(first);
    await world.end(first, "shutDown");

    drill.doing("a volume of another cluster is attached");
    const foreign = await world.newVolume(40, own);
    const mark = await markOf(foreign, (text) => text.replace('"prod"', '"staging"'));
    await world.attach(first, foreign);
    await world.boot(first);
    await drill.cluster.says(first, "refused: the data volume belongs to cluster staging", "etcd");
    await world.end(first, "kill");
    if ((await markOf(foreign)) !== mark) throw new Error("the foreign volume was changed");

    drill.doing("another member's volume is attached");
    await world.end(second, "shutDown");
    const [others, rest] = [world.volume(second), drill.members.slice(2)];
    await world.attach(first, others);
    await world.boot(first);
    await drill.cluster.says(first, `refused: the data volume belongs to member ${second}`, "etcd");
    await drill.cluster.etcdctl(rest, "endpoint", "health");
    await world.end(first, "kill");

    await drill.under("the right volumes are attached", async () => {
      await world.attach(first, own);
      await world.attach(second, others);
      await Promise.all([world.boot(first), world.boot(second)]);
    });
  },
};

/** What a volume claims about itself, after a change to it. The volume must not be mounted anywhere else. */
async function markOf(volume: Volume, change = (text: string) => text): Promise<string> {
  const directory = join(worldDirectory, "mark");
  mkdirSync(directory, { recursive: true });
  await run("mount", ["-o", "nouuid", volume.device, directory]);
  try {
    const file = join(directory, "identity.json");
    const mark = change(readFileSync(file, "utf8"));
    writeFileSync(file, mark);
    return mark;
  } finally {
    await run("umount", [directory]);
  }
}
