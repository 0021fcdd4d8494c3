import { machineDies, machineMissing, reset } from "../faults/machines";
import { volumeLost } from "../faults/volumes";
import type { Scenario } from "../harness/scenario";

/** GiB: more than the stack declares. */
const larger = 60;

export const machineReplaced: Scenario = {
  name: "machine-replaced",
  title: "a machine is made anew on its volume and address: the same member comes back",
  leavesWorld: true,
  async run(drill) {
    await drill.foundCluster();
    const { world } = drill;
    const before = await drill.cluster.list();
    await drill.under("a follower's machine dies and is replaced", async () => {
      await drill.during(machineDies(await drill.cluster.follower()));
    });
    await drill.under("the leader's machine dies and is replaced", async () => {
      await drill.during(machineDies(await drill.cluster.leader()));
    });
    const leader = await drill.cluster.leader();
    await drill.under("the leader's machine is replaced as planned, and its volume is larger", async () => {
      await world.end(leader, "shutDown");
      await world.volume(leader).grow(larger);
      await world.boot(leader);
    });
    const size = await world.machine(leader).exec("df", "--output=size", "-BG", "/var/lib/etcd");
    if (Number(/(\d+)G\s*$/.exec(size)![1]) < larger - 1)
      throw new Error(`its file system did not grow: ${size}`);
    const after = await drill.cluster.list();
    if (JSON.stringify(after) !== JSON.stringify(before))
      throw new Error(`the list of members changed: ${JSON.stringify([before, after])}`);
  },
};

export const rollingReplacement: Scenario = {
  name: "rolling-replacement",
  title: "all five machines are replaced, one after the other, in the declared order",
  leavesWorld: true,
  async run(drill) {
    await drill.foundCluster();
    await drill.under("rolling replacement of all five", () => drill.roll());
    drill.seen({ what: String(drill.world.gateway.throttle) });
  },
};

export const machineGone: Scenario = {
  name: "machine-gone",
  title: "a machine never comes back during a roll: four of five stay up, and it is said",
  leavesWorld: true,
  async run(drill) {
    await drill.foundCluster();
    const gone = drill.members[2]!;
    const others = drill.members.filter((member) => member !== gone);
    await drill.writer.start();
    drill.doing("AWS has no capacity for a new machine");
    const missing = machineMissing(gone);
    await drill.inject(missing);
    await drill.writer.moreWrites(100);
    await drill.cluster.etcdctl(others, "endpoint", "health");
    await drill.cluster.balancerSays(gone, "unhealthy");
    drill.seen({
      what: "four of five go on, the balancer names the fifth",
      ...(await drill.writer.stop(others)),
    });
    await drill.under("capacity is there again", () => missing.heal(drill.world));
  },
};

export const rebootMidJoin: Scenario = {
  name: "reboot-mid-join",
  title: "a machine is rebooted in the middle of a join",
  leavesWorld: true,
  async run(drill) {
    await drill.foundCluster();
    const member = await drill.cluster.follower();
    await drill.under("a volume is lost; the machine reboots once it is added as a learner", async () => {
      await drill.during(volumeLost(member));
      await drill.cluster.says(member, "added as a learner", "etcd");
      await drill.during(reset([member]));
    });
  },
};
