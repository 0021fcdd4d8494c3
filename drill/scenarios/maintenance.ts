import type { Scenario } from "../harness/scenario";

export const outOfSpace: Scenario = {
  name: "out-of-space",
  title: "the store reaches its quota: no more writes, until one command compacts, defragments and disarms",
  async run(drill) {
    await drill.foundCluster();
    drill.doing("the quota is lowered to 24 MiB on every machine, and the store filled");
    for (const member of drill.members) {
      const machine = drill.world.machine(member);
      await machine.exec(
        "sed",
        "-i",
        "s/^--quota-backend-bytes=.*/--quota-backend-bytes=25165824/",
        "/etc/etcd/flags",
      );
      await machine.exec("systemctl", "restart", "etcd");
      await drill.cluster.healthy();
    }
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
  },
};

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
