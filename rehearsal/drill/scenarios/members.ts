import type { Drill, DeclaredMember } from "../drill";
import type { Scenario } from "../scenario";

export const volumeLost: Scenario = {
  name: "volume-lost",
  title: "a volume is lost: the dead member is removed, a learner of the same name added and promoted",
  sharesWorld: true,
  async run(drill) {
    await drill.found();
    const { world } = drill;
    await drill.under("a follower's volume is lost", async () => {
      await loseAndReplace(drill, await drill.follower());
    });
    await drill.under("the leader's volume is lost", async () => {
      await loseAndReplace(drill, await drill.leader());
    });
    if (world.gateway.refused.length > 0) throw new Error(`AWS refused: ${world.gateway.refused.join(", ")}`);
  },
};

export const memberReplacedDead: Scenario = {
  name: "member-replaced-dead",
  title: "member6 takes the place of member1, which is dead",
  async run(drill) {
    await drill.found();
    const [dead] = drill.members as [string];
    await drill.world.end(dead, "kill");
    await drill.under("member6 replaces the dead member1", async () => {
      await drill.declare({ members: replaced(drill, dead) });
      await drill.world.boot("member6");
    });
  },
};

export const memberReplacedHealthy: Scenario = {
  name: "member-replaced-healthy",
  title: "member6 takes the place of member1, which stays until member6 is a voter",
  async run(drill) {
    await drill.found();
    const [old] = drill.members as [string];
    await drill.under("member6 replaces the healthy member1", async () => {
      await drill.declare({ members: replaced(drill, old) });
      await drill.world.boot("member6");
    });
    // The end of the update deletes what is no longer declared.
    await drill.under("member1's machine is deleted", () => drill.world.end(old, "shutDown"));
  },
};

export const twoLost: Scenario = {
  name: "two-lost",
  title: "two members lost at once: replaced one after the other",
  sharesWorld: true,
  async run(drill) {
    await drill.found();
    const [one, other] = drill.members as [string, string];
    await drill.under("two volumes are lost, both machines come back at once", async () => {
      await Promise.all([drill.world.end(one, "kill"), drill.world.end(other, "kill")]);
      await drill.world.loseVolume(one);
      await drill.world.loseVolume(other);
      await Promise.all([drill.world.boot(one), drill.world.boot(other)]);
    });
  },
};

export const scaleOutTesting: Scenario = {
  name: "scale-out-1-3",
  title: "a testing cluster of one member grows to three",
  settings: { environment: "testing", members: members(1) },
  async run(drill) {
    await drill.found("one machine founds a cluster of its own");
    await drill.under("two more members", async () => {
      await drill.declare({ members: members(3) });
      await Promise.all([drill.world.boot("member2"), drill.world.boot("member3")]);
    });
  },
};

export const scaleOut: Scenario = {
  name: "scale-out-3-5",
  title: "three members become five, one learner at a time",
  settings: { members: members(3) },
  async run(drill) {
    await drill.found("three machines found the cluster");
    await drill.under("two more members", async () => {
      await drill.declare({ members: members(5) });
      await Promise.all([drill.world.boot("member4"), drill.world.boot("member5")]);
    });
  },
};

/** The first of the production stack's members. */
export function members(count: number): DeclaredMember[] {
  return [
    { name: "member1", subnet: "a", address: "10.0.1.11" },
    { name: "member2", subnet: "b", address: "10.0.2.11" },
    { name: "member3", subnet: "c", address: "10.0.3.11" },
    { name: "member4", subnet: "a", address: "10.0.1.12" },
    { name: "member5", subnet: "b", address: "10.0.2.12" },
  ].slice(0, count);
}

/** The declared members with member6 in the place of one of subnet a. */
function replaced(drill: Drill, name: string): DeclaredMember[] {
  return drill.declared.map((member) =>
    member.name === name
      ? { name: "member6", subnet: "a", address: "10.0.1.16", replaces: { name } }
      : member,
  );
}

/** A member's machine and volume are lost, and Pulumi makes both anew. */
export async function loseAndReplace({ world }: Drill, member: string): Promise<void> {
  await world.end(member, "kill");
  await world.loseVolume(member);
  await world.boot(member);
}
