import { together } from "../faults/fault";
import { machineDies } from "../faults/machines";
import { volumeLost } from "../faults/volumes";
import type { Drill } from "../harness/drill";
import type { Scenario } from "../harness/scenario";
import type { MemberSetting } from "../harness/stack";

export const lostVolume: Scenario = {
  name: "volume-lost",
  title: "a volume is lost: the dead member is removed, a learner of the same name added and promoted",
  leavesWorld: true,
  async run(drill) {
    await drill.foundCluster();
    const { world } = drill;
    await drill.under("a follower's volume is lost", async () => {
      await drill.during(volumeLost(await drill.cluster.follower()));
    });
    await drill.under("the leader's volume is lost", async () => {
      await drill.during(volumeLost(await drill.cluster.leader()));
    });
    if (world.gateway.refused.length > 0) throw new Error(`AWS refused: ${world.gateway.refused.join(", ")}`);
  },
};

export const memberReplacedDead: Scenario = {
  name: "member-replaced-dead",
  title: "member6 takes the place of member1, which is dead",
  async run(drill) {
    await drill.foundCluster();
    const [dead] = drill.members as [string];
    await drill.inject(machineDies(dead));
    await drill.under("member6 replaces the dead member1", async () => {
      await drill.stack.declare({ members: replaced(drill, dead) });
      await drill.world.boot("member6");
    });
  },
};

export const memberReplacedHealthy: Scenario = {
  name: "member-replaced-healthy",
  title: "member6 takes the place of member1, which stays until member6 is a voter",
  async run(drill) {
    await drill.foundCluster();
    const [old] = drill.members as [string];
    await drill.under("member6 replaces the healthy member1", async () => {
      await drill.stack.declare({ members: replaced(drill, old) });
      await drill.world.boot("member6");
    });
    // The end of the update deletes what is no longer declared.
    await drill.under("member1's machine is deleted", () => drill.world.end(old, "shutDown"));
  },
};

export const twoLost: Scenario = {
  name: "two-lost",
  title: "two members lost at once: replaced one after the other",
  leavesWorld: true,
  async run(drill) {
    await drill.foundCluster();
    const [one, other] = drill.members as [string, string];
    await drill.under("two volumes are lost, both machines come back at once", () =>
      drill.during(together(volumeLost(one), volumeLost(other))),
    );
  },
};

export const scaleOutTesting: Scenario = {
  name: "scale-out-1-3",
  title: "a testing cluster of one member grows to three",
  settings: { environment: "testing", members: members(1) },
  async run(drill) {
    await drill.foundCluster("one machine founds a cluster of its own");
    await drill.under("two more members", async () => {
      await drill.stack.declare({ members: members(3) });
      await Promise.all([drill.world.boot("member2"), drill.world.boot("member3")]);
    });
  },
};

export const scaleOut: Scenario = {
  name: "scale-out-3-5",
  title: "three members become five, one learner at a time",
  settings: { members: members(3) },
  async run(drill) {
    await drill.foundCluster("three machines found the cluster");
    await drill.under("two more members", async () => {
      await drill.stack.declare({ members: members(5) });
      await Promise.all([drill.world.boot("member4"), drill.world.boot("member5")]);
    });
  },
};

/** The first members of the production stack. */
export function members(count: number): MemberSetting[] {
  return [
    { name: "member1", subnet: "a", address: "10.0.1.11" },
    { name: "member2", subnet: "b", address: "10.0.2.11" },
    { name: "member3", subnet: "c", address: "10.0.3.11" },
    { name: "member4", subnet: "a", address: "10.0.1.12" },
    { name: "member5", subnet: "b", address: "10.0.2.12" },
  ].slice(0, count);
}

/** The declared members with member6 in place of one in subnet a. */
function replaced(drill: Drill, name: string): MemberSetting[] {
  return drill.stack.declared.map((member) =>
    member.name === name
      ? { name: "member6", subnet: "a", address: "10.0.1.16", replaces: { name } }
      : member,
  );
}
