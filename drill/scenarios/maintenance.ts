import { flagsFile } from "../../contract/paths";
import type { Drill } from "../harness/drill";
import type { Scenario } from "../harness/scenario";

export const outOfSpace: Scenario = {
  name: "out-of-space",
  title: "the store reaches its quota: no more writes, until one command compacts, defragments and disarms",
  leavesWorld: true,
  async run(drill) {
    await drill.foundCluster();
    drill.doing("the quota is lowered to 24 MiB on every machine, and the store filled");
    const lowered = "s/^--quota-backend-bytes=.*/--quota-backend-bytes=25165824/";
    await onEach(drill, `cp -p ${flagsFile} /root && sed -i '${lowered}' ${flagsFile}`);
    const refusal = await drill.writer.fill(1000, 100_000, 1).then(
      () => "",
      (error: Error) => error.message,
    );
    if (!refusal.includes("database space exceeded")) throw new Error(`writes were not refused: ${refusal}`);
    const [first] = drill.members as [string];
    drill.doing("etcd-space on one member");
    const start = performance.now();
    await drill.world.machine(first).exec("/usr/local/sbin/etcd-space");
    await drill.cluster.etcdctl(drill.members, "put", "/room", "again");
    drill.seen({ what: "writes are taken again", timeToHealth: performance.now() - start });
    const alarms = await drill.cluster.etcdctl(drill.members, "alarm", "list");
    if (alarms.trim() !== "") throw new Error(`the alarm stays: ${alarms}`);
    await onEach(drill, `mv /root/flags ${flagsFile}`);
  },
};

/** Changes etcd's flags on one machine after the other. */
async function onEach(drill: Drill, command: string): Promise<void> {
  for (const member of drill.members) {
    await drill.world.machine(member).exec("sh", "-c", `${command} && systemctl restart etcd`);
    await drill.cluster.healthy();
  }
}

export const defragmentation: Scenario = {
  name: "defragmentation",
  title: "all members are defragmented under a writer, one at a time, the leader last",
  leavesWorld: true,
  async run(drill) {
    await drill.foundCluster();
    const [first] = drill.members as [string];
    drill.doing("a store that wastes most of its room");
    await drill.writer.fill(300, 100_000, 1);
    const leader = await drill.cluster.leader();
    await drill.under("defragmentation of all five", async () => {
      await drill.world.machine(first).exec("/usr/local/sbin/etcd-space");
    });
    if ((await drill.cluster.leader()) === leader)
      throw new Error("the leader was defragmented while it led");
  },
};
