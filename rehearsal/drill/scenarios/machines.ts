import type { Scenario } from "../scenario";
import { loseAndReplace } from "./members";

/** GiB: more than the stack declares. */
const larger = 60;

export const machineReplaced: Scenario = {
  name: "machine-replaced",
  title: "a machine is made anew on its volume and address: the same member comes back",
  sharesWorld: true,
  async run(drill) {
    await drill.found();
    const { world } = drill;
    const before = await drill.list();
    await drill.under("a follower's machine dies and is replaced", async () => {
      await world.replace(await drill.follower(), "kill");
    });
    await drill.under("the leader's machine dies and is replaced", async () => {
      await world.replace(await drill.leader(), "kill");
    });
    const leader = await drill.leader();
    await drill.under("the leader's machine is replaced as planned, and its volume is larger", async () => {
      await world.end(leader, "shutDown");
      await world.volume(leader).grow(larger);
      await world.boot(leader);
    });
    const size = await world.machine(leader).exec("df", "--output=size", "-BG", "/var/lib/etcd");
    if (Number(/(\d+)G\s*$/.exec(size)![1]) < larger - 1)
      throw new Error(`its file system did not grow: ${size}`);
    const after = await drill.list();
    if (JSON.stringify(after) !== JSON.stringify(before))
      throw new Error(`the list of members changed: ${JSON.stringify([before, after])}`);
  },
};

export const rollingReplacement: Scenario = {
  name: "rolling-replacement",
  title: "all five machines are replaced, one after the other, in the declared order",
  sharesWorld: true,
  async run(drill) {
    await drill.found();
    await drill.under("rolling replacement of all five", () => drill.roll());
  },
};

export const machineGone: Scenario = {
  name: "machine-gone",
  title: "a machine never comes back during a roll: four of five stay up, and it is said",
  sharesWorld: true,
  async run(drill) {
    await drill.found();
    const { world } = drill;
    const gone = drill.members[2]!;
    const others = drill.members.filter((member) => member !== gone);
    await drill.startWriting();
    drill.doing(`${gone}'s old machine ends, and AWS has no capacity for a new one`);
    await world.end(gone, "shutDown");
    await drill.moreWrites(100);
    await drill.etcdctl(others, "endpoint", "health");
    await drill.balancerSays(gone, "unhealthy");
    drill.seen({
      what: "four of five go on, the balancer names the fifth",
      ...(await drill.stopWriting(others)),
    });
    await drill.under("capacity is there again", async () => {
      await world.boot(gone);
    });
  },
};

export const rebootMidJoin: Scenario = {
  name: "reboot-mid-join",
  title: "a machine is rebooted in the middle of a join",
  sharesWorld: true,
  async run(drill) {
    await drill.found();
    const { world } = drill;
    const member = await drill.follower();
    await drill.under("a volume is lost; the machine reboots once it is added as a learner", async () => {
      await loseAndReplace(drill, member);
      await drill.says(member, "added as a learner", "etcd");
      await world.reset([member], "kill");
    });
  },
};
