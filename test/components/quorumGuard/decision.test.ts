import { decide, undeclared } from "../../../components/quorumGuard/decision";
import { boot } from "../../../components/quorumGuard/facts";
import { address, dead, known, machine, minute, now, reporting, said, type Known } from "./facts";

let situation: Known;
beforeEach(() => {
  situation = known();
});

function target(member: string): void {
  situation.target = { ...situation.target, member, instance: `i-${member}` };
}

const verdict = () => said(decide(situation));

function unregistered(target: string): void {
  const states = Object.entries(situation.evidence.targetHealth).filter(([each]) => each !== target);
  situation.evidence.targetHealth = Object.fromEntries(states);
}

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
    situation = known(3);
    reporting(situation, "member2", { voters: 4 });
    expect(verdict()).toMatch(
      /^wait: etcd lists 4 voters, 1 of which the settings do not know .*without it 2 of the other 3 voters/,
    );
  });

  test("lets no second one of three go after the first", () => {
    situation = known(3);
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

describe("evidence that does not count", () => {
  const cases: [string, RegExp, () => void][] = [
    [
      "a record that is too old",
      /its last report is of 2026-11-24T21:58:00Z \(2 min ago\)/,
      () => reporting(situation, "member3", {}, 2 * minute),
    ],
    [
      "a record from the future",
      /its last report is of 2026-11-24T22:02:00Z/,
      () => reporting(situation, "member3", {}, -2 * minute),
    ],
    [
      "no record",
      /has never reported, running since 2026-11-24T21:00:00Z \(60 min ago\)/,
      () => {
        situation.evidence.reports = situation.evidence.reports.filter(
          ({ status }) => status.member !== "member3",
        );
      },
    ],
    [
      "a record that names an old machine",
      /of an earlier machine, i-old; i-member3 has not reported yet/,
      () => reporting(situation, "member3", { instance: "i-old" }),
    ],
    [
      "a record whose clock is off",
      /its clock is more than 60 s off, or the report is a copy/,
      () => reporting(situation, "member3", { time: new Date(now - 5 * minute).toISOString() }),
    ],
    [
      "a record whose time is no time",
      /its clock is more than 60 s off/,
      () => reporting(situation, "member3", { time: "soon" }),
    ],
    [
      "a member that is not ready",
      /etcd is not ready there, .*etcd.service is failed \("the disk is too slow"\)/,
      () =>
        reporting(situation, "member3", { ready: false, etcd: "failed", message: "the disk is too slow" }),
    ],
    [
      "a member that the cluster does not list",
      /the cluster does not list it/,
      () => reporting(situation, "member3", { id: "", voter: false }),
    ],
    [
      "a member of an earlier generation",
      /it runs generation 1, the cluster generation 2/,
      () => reporting(situation, "member2", { generation: 2 }),
    ],
    [
      "a machine that is stopped",
      /its machine i-member3 is stopped/,
      () => {
        situation.evidence.machines.find(({ member }) => member === "member3")!.state = "stopped";
      },
    ],
    [
      "two machines of one member",
      /i-member3 and i-twin both carry its tags/,
      () => {
        situation.evidence.machines = [
          ...situation.evidence.machines,
          { ...machine("member3", 3), instance: "i-twin" },
        ];
      },
    ],
    ...["unhealthy", "draining", "unused", "initial", "unavailable"].map(
      (state): [string, RegExp, () => void] => [
        `a target that is ${state}`,
        new RegExp(`the balancer's state for ${address(3)} is ${state}`),
        () => {
          situation.evidence.targetHealth = { ...situation.evidence.targetHealth, [address(3)]: state };
        },
      ],
    ),
    [
      "a target that is not registered",
      new RegExp(`the balancer's state for ${address(3)} is unregistered`),
      () => {
        unregistered(address(3));
      },
    ],
  ];
  test.each(cases)("%s", (_, reason, change) => {
    change();
    expect(verdict()).toMatch(/^wait: /);
    expect(verdict()).toMatch(reason);
  });

  test("a balancer that fails open: every target unhealthy is nobody's health", () => {
    situation.evidence.targetHealth = Object.fromEntries(
      [1, 2, 3, 4, 5].map((each) => [address(each), "unhealthy"]),
    );
    expect(verdict()).toMatch(/^wait: .*without it 0 of the other 4 voters are healthy/);
  });

  test("a balancer is not asked where none is declared", () => {
    situation.declared.balanced = false;
    situation.evidence.targetHealth = {};
    expect(verdict()).toMatch(/^allow/);
  });
});

describe("AWS that does not answer", () => {
  test.each([
    ["passing", true, /^wait: AWS cannot be asked how the members are: Throttling/],
    ["lasting", false, /^refuse: AWS cannot be asked how the members are: Throttling.*permissions/],
  ])("%s: nothing goes", (_, passing, expected) => {
    const blind = decide({ ...situation, evidence: { problem: "Throttling", passing } });
    expect(said(blind)).toMatch(expected);
    expect(blind).not.toMatchObject({ inPreview: true });
  });

  test("does not save a member that was dropped from being refused at once", () => {
    target("member9");
    expect(decide({ ...situation, evidence: { problem: "Throttling", passing: true } })).toMatchObject({
      kind: "refuse",
      inPreview: true,
    });
  });
});

describe("exceptions", () => {
  test("a cluster that never formed", () => {
    for (const { name } of situation.declared.members) dead(situation, name);
    situation.evidence.reports = [];
    expect(verdict()).toMatch(/^wait/);
    // Two of five founders started: no majority, so there never was a leader.
    situation.evidence.started = situation.evidence.started.slice(0, 2);
    expect(verdict()).toBe("allow: prod never formed");
    // Without the list of founders, one may have been all of them.
    situation.evidence.founders = [];
    expect(verdict()).toMatch(/^wait/);
    situation.evidence.started = [];
    expect(verdict()).toBe("allow: prod never formed");
  });

  test("a cluster that is down altogether has formed: nobody is ready, but founders were started", () => {
    for (const { name } of situation.declared.members)
      reporting(situation, name, { ready: false, voter: false, id: "" });
    expect(verdict()).toMatch(/^wait/);
  });

  test("a target that is no member: its machine reports that it never took part", () => {
    target("member6");
    situation.evidence.machines = [...situation.evidence.machines, machine("member6", 6)];
    reporting(situation, "member6", { ready: false, voter: false, id: "", generation: 0 });
    dead(situation, "member3");
    expect(verdict()).toBe("allow: member6 is no member of prod");
    reporting(situation, "member6", { ready: false, voter: false, id: "", generation: 0 }, 10 * minute);
    expect(verdict()).toMatch(/^refuse: member6/);
  });

  test("a target whose generation is below the declared one", () => {
    situation.declared.generation = 2;
    for (const { name } of situation.declared.members) dead(situation, name);
    expect(verdict()).toBe("allow: member1 was deployed in generation 1, and 2 is declared");
    situation.target.recorded.generation = 2;
    expect(verdict()).toMatch(/^wait/);
  });

  test("a testing single node", () => {
    situation = known(1);
    expect(verdict()).toMatch(/^wait: without it 0 of the other 0 voters/);
    situation.declared.environment = "testing";
    situation.target.recorded.environment = "testing";
    expect(verdict()).toBe("allow: member1 is a single node for testing");
  });

  test("no testing single node is what was production, or has others beside it", () => {
    situation = known(1);
    situation.declared.environment = "testing";
    expect(verdict()).toMatch(/^wait/);
    situation = known(3);
    situation.declared.environment = "testing";
    situation.target.recorded.environment = "testing";
    situation.declared.members = situation.declared.members.slice(0, 1);
    expect(verdict()).not.toMatch(/^allow: member1 is a single node/);
  });

  test("deletionProtection: false, without asking AWS", () => {
    situation.declared.deletionProtection = false;
    expect(said(decide({ ...situation, evidence: { problem: "no credentials", passing: false } }))).toBe(
      "allow: deletionProtection is false",
    );
  });

  test("a cluster that is not declared any more goes only if it was deployed unprotected", () => {
    expect(said(undeclared(situation.target))).toMatch(/^refuse: member1: its cluster prod is not declared/);
    const unprotected = { ...situation.target, recorded: { deletionProtection: false } };
    expect(said(undeclared(unprotected))).toBe("allow: prod was deployed with deletionProtection: false");
  });
});

describe("members that change", () => {
  test("one that is neither listed nor named in a replaces is refused, in a preview too", () => {
    situation.declared.members = situation.declared.members.slice(0, 4);
    target("member5");
    expect(decide(situation)).toMatchObject({ kind: "refuse", inPreview: true });
    expect(verdict()).toMatch(
      /^refuse: member5: its machine i-member5 would go, but members neither list it/,
    );
  });

  test("of two that are dropped at once both are named", () => {
    situation.declared.members = situation.declared.members.slice(0, 3);
    target("member5");
    expect(verdict()).toMatch(/^refuse: member5: .*; member4: /);
  });

  test("a healthy one that is replaced goes only once its successor is a voter", () => {
    situation.declared.members = [
      ...situation.declared.members.slice(1),
      { name: "member6", address: address(6), replaces: "member1" },
    ];
    expect(verdict()).toMatch(/^wait: member6: it has no machine/);
    situation.evidence.machines = [...situation.evidence.machines, machine("member6", 6)];
    expect(verdict()).toMatch(/^wait: member6: its machine i-member6 has never reported/);
    situation.evidence.targetHealth = { ...situation.evidence.targetHealth, [address(6)]: "healthy" };
    reporting(situation, "member6", {});
    expect(verdict()).toMatch(/^allow: 5 of the other 5 voters are healthy, the quorum of 6 is 4/);
    // By now it has been removed from etcd.
    unregistered(address(1));
    reporting(situation, "member1", { ready: false, id: "", voter: false, etcd: "inactive" });
    expect(verdict()).toBe("allow: member1 is no member of prod");
  });

  test("a dead one that is replaced may go before its successor has joined", () => {
    dead(situation, "member1");
    situation.declared.members = [
      ...situation.declared.members.slice(1),
      { name: "member6", address: address(6), replaces: "member1" },
    ];
    expect(verdict()).toMatch(/^allow: member1 is not healthy; 4 of the other 4/);
  });

  test("newcomers that were not made yet keep nobody", () => {
    situation.declared.members = [...situation.declared.members, { name: "member6", address: address(6) }];
    expect(verdict()).toMatch(/^allow/);
  });

  test("a changed address is refused, in a preview too, all of them named", () => {
    situation.declared.members = situation.declared.members.map((member, index) => ({
      ...member,
      address: address(index + 101),
    }));
    expect(decide(situation)).toMatchObject({ kind: "refuse", inPreview: true });
    expect(verdict()).toContain("member1: its address changes from 10.0.1.11 to 10.0.1.111");
    expect(verdict()).toContain("member5: its address changes from 10.0.1.15 to 10.0.1.115");
  });

  test("addresses may change with the generation, as a restore puts them into etcd", () => {
    situation.declared.members = situation.declared.members.map((member) => ({
      ...member,
      address: "10.0.9.9",
    }));
    situation.declared.generation = 2;
    expect(verdict()).toMatch(/^allow: member1 was deployed in generation 1/);
  });
});
