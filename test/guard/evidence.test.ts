import { decide } from "../../guard/decision";
import { address, machine, minute, now, reporting, said } from "./facts";
import { clusterOf, situation, target, unregistered, verdict } from "./situation";

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
      /member3: it runs generation 1, the cluster generation 2/,
      () => {
        situation.declared.generation = 2;
        for (const { name } of situation.declared.members)
          if (name !== "member3") reporting(situation, name, { generation: 2 });
      },
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

describe("a record that breaks its schema", () => {
  const problem = "/etcd/prod/incarnations/key/status/member3: generation 1e+308 must be a whole number";
  beforeEach(() => {
    const { evidence } = situation;
    evidence.reports = evidence.reports.filter(({ status }) => status.member !== "member3");
    evidence.broken = [{ status: "member3", problem }];
  });

  test("is no report of that member, which is named with its key and what is wrong", () => {
    expect(verdict()).toMatch(/^wait: member3: its status record breaks its schema and counts for nothing: /);
    expect(verdict()).toContain(problem);
    expect(verdict().split(problem)).toHaveLength(2);
  });

  test("stalls nobody else, and is told as a warning", () => {
    situation.evidence.machines.find(({ member }) => member === "member1")!.state = "stopped";
    unregistered(address(1));
    const allowed = decide(situation);
    expect(said(allowed)).toMatch(/^allow: member1 is not healthy; 3 of the other 4/);
    expect(allowed).toMatchObject({
      warning: `a record counts for nothing: ${problem}`,
    });
  });

  test("shows that somebody was there: a member without machine and report is a voter still", () => {
    const { evidence } = situation;
    const left = ({ member }: { member: string }) => member !== "member3";
    evidence.machines = evidence.machines.filter(left);
    evidence.started = evidence.started.filter(left);
    evidence.founders = evidence.founders.filter(left);
    expect(verdict()).toMatch(/^wait: member3: it has no machine/);
    evidence.broken = [];
    expect(verdict()).toMatch(/^allow: 3 of the other 3 voters/);
  });

  test("of a generation, or of somebody who is not declared, is named and keeps nobody", () => {
    clusterOf(5);
    const broken = ["/etcd/prod/…/generations/9: null must be of type object", "/etcd/prod/…/status/x: 3 …"];
    situation.evidence.broken = broken.map((problem) => ({ problem }));
    const allowed = decide(situation);
    expect(allowed.kind).toBe("allow");
    for (const problem of broken) expect((allowed as { warning: string }).warning).toContain(problem);
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
