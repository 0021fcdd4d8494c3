import type { Scenario } from "../scenario";

export const outOfSpace: Scenario = {
  name: "out-of-space",
  title: "the store reaches its quota: no more writes, until one command compacts, defragments and disarms",
  async run(drill) {
    await drill.found();
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
      await drill.healthy();
    }
    const value = "x".repeat(100_000);
    let refusal = "";
    for (let n = 0; n < 1000 && refusal === ""; n++)
      refusal = await drill.etcdctl(drill.members, "put", "/fill", `${n}${value}`).then(
        () => "",
        (error: Error) => error.message,
      );
    if (!refusal.includes("database space exceeded")) throw new Error(`writes were not refused: ${refusal}`);
    const [first] = drill.members as [string];
    drill.doing("etcd-space on one member");
    const start = performance.now();
    await drill.world.machine(first).exec("/usr/local/sbin/etcd-space");
    await drill.etcdctl(drill.members, "put", "/room", "again");
    drill.seen({ what: "writes are taken again", timeToHealth: performance.now() - start });
    const alarms = await drill.etcdctl(drill.members, "alarm", "list");
    if (alarms.trim() !== "") throw new Error(`the alarm stays: ${alarms}`);
  },
};

export const defragmentation: Scenario = {
  name: "defragmentation",
  title: "all members are defragmented under a writer, one at a time, the leader last",
  sharesWorld: true,
  async run(drill) {
    await drill.found();
    const [first] = drill.members as [string];
    const value = "x".repeat(100_000);
    drill.doing("a store that wastes most of its room");
    for (let n = 0; n < 300; n++) await drill.etcdctl(drill.members, "put", "/waste", `${n}${value}`);
    const leader = await drill.leader();
    await drill.under("defragmentation of all five", async () => {
      await drill.world.machine(first).exec("/usr/local/sbin/etcd-space");
    });
    if ((await drill.leader()) === leader) throw new Error("the leader was defragmented while it led");
  },
};
