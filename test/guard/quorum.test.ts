import { boot } from "../../guard/facts";
import { address, dead, machine, minute, now, reporting } from "./facts";
import { clusterOf, situation, target, verdict } from "./situation";

describe("the quorum", () => {
  test("lets a healthy member go while all others are healthy", () => {
    expect(verdict()).toBe("allow: 4 of the other 4 voters are healthy, the quorum of 5 is 3");
  });

  test("keeps a healthy member while one other is down, and says which, since when, and what to do", () => {
    dead(situation, "member3");
    expect(verdict()).toBe(
      "wait: member3: it has no machine; its last report is of 2026-11-24T21:50:00Z (10 min ago) | " +
        "A healthy member goes only when all others are healthy: mend those named here, then run pulumi up again.",
    );
  });

  test("lets an unhealthy member go while a quorum of the others is healthy", () => {
    dead(situation, "member1");
    dead(situation, "member2");
    expect(verdict()).toBe(
      "allow: member1 is not healthy; 3 of the other 4 voters are healthy, the quorum of 5 is 3",
    );
  });

  test("keeps an unhealthy member once the others are fewer than a quorum", () => {
    for (const member of ["member1", "member2", "member3"]) dead(situation, member);
    expect(verdict()).toMatch(/^wait: member2: .*member3: .*without it 2 of the other 4 voters are healthy/);
    expect(verdict()).toContain("if a majority is lost for good, declare a restore");
  });

  test("waits for a learner to be promoted before a healthy member goes", () => {
    reporting(situation, "member4", { voter: false, ready: false });
    expect(verdict()).toMatch(/^wait: member4: etcd is not ready there, as of 2026-11-24T21:59:50Z/);
    reporting(situation, "member4", { voter: false });
    expect(verdict()).toMatch(/^wait: member4: it is still a learner/);
  });

  test("counts a member that was just allowed to go as down until its next machine reports", () => {
    situation.allowed = { boots: { member2: boot(machine("member2", 2)) }, changing: false };
    expect(verdict()).toMatch(/^wait: member2: this deployment has just taken i-member2 down/);
    const next = { ...machine("member2", 2), instance: "i-next", launched: now - 2 * minute };
    situation.evidence.machines = [
      ...situation.evidence.machines.filter(({ member }) => member !== "member2"),
      next,
    ];
    expect(verdict()).toMatch(
      /^wait: member2: .* of an earlier machine, i-member2; i-next has not reported yet/,
    );
    reporting(situation, "member2", { instance: "i-next" });
    expect(verdict()).toMatch(/^allow/);
  });

  test("counts a member that was stopped and started as down until it reports after its start", () => {
    situation.allowed = { boots: { member2: boot(machine("member2", 2)) }, changing: false };
    const again = { ...machine("member2", 2), launched: now - 5_000 };
    situation.evidence.machines = [
      ...situation.evidence.machines.filter(({ member }) => member !== "member2"),
      again,
    ];
    expect(verdict()).toMatch(/^wait: member2: .* from before i-member2 was started again/);
    reporting(situation, "member2", {}, 1_000);
    expect(verdict()).toMatch(/^allow/);
  });

  test("keeps a healthy member while etcd lists a voter that the settings do not know", () => {
    clusterOf(3);
    reporting(situation, "member2", { voters: 4 });
    expect(verdict()).toMatch(
      /^wait: etcd lists 4 voters, 1 of which the settings do not know .*without it 2 of the other 3 voters/,
    );
  });

  test("lets no second one of three go after the first", () => {
    clusterOf(3);
    situation.allowed = { boots: { member2: boot(machine("member2", 2)) }, changing: false };
    dead(situation, "member1");
    expect(verdict()).toMatch(/^wait: member2: this deployment has just taken/);
  });

  test("does not let the machine of its own attachment go when too few others are left by then", () => {
    situation.allowed = { boots: { member1: boot(machine("member1", 1)) }, changing: false };
    expect(verdict()).toMatch(/^allow: member1 is not healthy/);
    for (const member of ["member3", "member4"]) dead(situation, member);
    expect(verdict()).toMatch(/^wait/);
  });
});

describe("one liar among the members", () => {
  test("who lists another number of voters than most stalls no step that does not need it", () => {
    dead(situation, "member1");
    for (const member of ["member2", "member3", "member4"]) reporting(situation, member, { voters: 5 });
    reporting(situation, "member5", { voters: 99 });
    expect(verdict()).toMatch(/^allow: member1 is not healthy; 3 of the other 4 voters/);
    target("member2");
    expect(verdict()).toMatch(/member5: it says that etcd lists 99 voters, most others say 5/);
  });

  test.each([2, 999])(
    "who claims generation %d, which nobody declared, stands alone with it",
    (generation) => {
      dead(situation, "member1");
      reporting(situation, "member5", { generation });
      situation.evidence.started = [...situation.evidence.started, { generation, member: "member5" }];
      expect(verdict()).toMatch(/^allow: member1 is not healthy; 3 of the other 4 voters/);
      target("member2");
      expect(verdict()).toContain(`member5: it runs generation ${generation}, the cluster generation 1`);
    },
  );

  test("who takes another's member id: one of the two counts, both are named", () => {
    const { id } = situation.evidence.reports[2]!.status;
    reporting(situation, "member5", { id });
    expect(verdict()).toMatch(/^wait: member5: its member id [0-9a-f]+ is member3's too/);
    dead(situation, "member1");
    expect(verdict()).toMatch(/^allow: member1 is not healthy; 3 of the other 4 voters/);
    dead(situation, "member2");
    expect(verdict()).toMatch(/^wait: .*without it 2 of the other 4 voters/);
  });

  test("and it keeps nobody from replacing it, in a cluster of three, too", () => {
    clusterOf(3);
    const { id } = situation.evidence.reports[1]!.status;
    reporting(situation, "member1", { id, voters: 99 });
    situation.evidence.targetHealth = { ...situation.evidence.targetHealth, "10.0.1.11": "unhealthy" };
    expect(verdict()).toMatch(/^allow: 2 of the other 2 voters are healthy, the quorum of 3 is 2/);
  });
});

describe("days in a deployment's life", () => {
  test("two deployments at once: what the other has taken down counts as down here, too", () => {
    // The other one's memory is not shared; EC2 does not list a machine any more that shuts down.
    situation.evidence.machines = situation.evidence.machines.filter(({ member }) => member !== "member2");
    expect(verdict()).toMatch(/^wait: member2: it has no machine; its last report is of .* \(10 s ago\)/);
    // It stops the machine for another type instead.
    clusterOf(5);
    situation.evidence.machines.find(({ member }) => member === "member2")!.state = "stopping";
    expect(verdict()).toMatch(/^wait: member2: its machine i-member2 is stopping/);
  });

  test("two deployments at once, in a cluster of three: none goes beside the one that is going", () => {
    clusterOf(3);
    situation.evidence.machines.find(({ member }) => member === "member2")!.state = "stopping";
    expect(verdict()).toMatch(/^wait: member2: .*without it 1 of the other 2 voters/);
  });

  test("--target: the machine alone, or its attachment alone, is judged as both are", () => {
    dead(situation, "member2");
    dead(situation, "member3");
    expect(verdict()).toMatch(/^wait/);
    // Its attachment was let go by nobody: nothing is remembered of it.
    dead(situation, "member1");
    expect(verdict()).toMatch(/^wait: member2: .*member3: .*without it 2 of the other 4 voters/);
  });

  test("--target that leaves newcomers and the declared version out keeps nobody, and gives nobody up", () => {
    situation.declared.members = [
      ...situation.declared.members,
      { name: "member6", address: "10.0.1.16" },
      { name: "member7", address: "10.0.1.17" },
    ];
    expect(verdict()).toBe("allow: 4 of the other 4 voters are healthy, the quorum of 5 is 3");
    dead(situation, "member4");
    expect(verdict()).toMatch(/^wait: member4/);
  });

  test("a lagging member: started again, and catching up until etcd is ready", () => {
    situation.allowed = { boots: { member2: "i-before@0" }, changing: false };
    reporting(situation, "member2", { ready: false, message: "waits: 120,000 entries behind" });
    expect(verdict()).toMatch(
      /^wait: member2: etcd is not ready there, .*etcd.service is active \("waits: 120,000 entries behind"\)/,
    );
    reporting(situation, "member2", {}, 80_000);
    expect(verdict()).toMatch(/^allow/);
    reporting(situation, "member2", {}, 91_000);
    expect(verdict()).toMatch(/^wait: member2: .*counts for 90 s/);
  });

  describe("a zone down in the middle of a roll: member2 and member4 are silent, their machines listed", () => {
    const down = ["member2", "member4"];
    beforeEach(() => {
      for (const member of down) reporting(situation, member, {}, 3 * minute);
      for (const index of [2, 4])
        situation.evidence.targetHealth = {
          ...situation.evidence.targetHealth,
          [address(index)]: "unhealthy",
        };
    });

    test("after the attachment of member1 was let go: its machine stays where it can still come back", () => {
      situation.allowed = { boots: { member1: boot(machine("member1", 1)) }, changing: false };
      expect(verdict()).toMatch(/^wait: member2: .*member4: .*without it 2 of the other 4 voters/);
    });

    test("no healthy member goes", () => {
      expect(verdict()).toMatch(/^wait: member2: .*member4: .*without it 2 of the other 4 voters/);
    });

    test("one of the zone may go to be made anew, the three others hold the quorum", () => {
      target("member2");
      expect(verdict()).toBe(
        "allow: member2 is not healthy; 3 of the other 4 voters are healthy, the quorum of 5 is 3",
      );
      dead(situation, "member3");
      expect(verdict()).toMatch(/^wait/);
    });
  });

  test("a cluster of one goes by no quorum: it waits for an override", () => {
    clusterOf(1);
    expect(verdict()).toMatch(/^wait: without it 0 of the other 0 voters are healthy, the quorum of 1 is 1/);
    dead(situation, "member1");
    expect(verdict()).toMatch(/^wait/);
  });

  test("a cluster of three: with all well one goes; with one down only that one", () => {
    clusterOf(3);
    expect(verdict()).toMatch(/^allow: 2 of the other 2 voters/);
    dead(situation, "member2");
    expect(verdict()).toMatch(/^wait: member2/);
    target("member2");
    expect(verdict()).toMatch(/^allow: member2 is not healthy; 2 of the other 2/);
  });
});
