import { decide, undeclared } from "../../guard/decision";
import { address, dead, machine, minute, report, reporting, said } from "./facts";
import { clusterOf, situation, target, verdict } from "./situation";

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

  test("a cluster that never formed is none by founders that somebody made up", () => {
    for (const { name } of situation.declared.members) dead(situation, name);
    situation.evidence.reports = [];
    const madeUp = Array.from({ length: 9 }, (_, index) => ({ generation: 1, member: `ghost${index}` }));
    situation.evidence.founders = [...situation.evidence.founders, ...madeUp];
    expect(verdict()).toMatch(/^wait/);
  });

  test("a testing single node", () => {
    clusterOf(1);
    expect(verdict()).toMatch(/^wait: without it 0 of the other 0 voters/);
    situation.declared.environment = "testing";
    situation.target.recorded.environment = "testing";
    expect(verdict()).toBe("allow: member1 is a single node for testing");
  });

  test("no testing single node is what lists other voters, or has a machine beside it that may serve", () => {
    clusterOf(1);
    situation.declared.environment = "testing";
    situation.target.recorded.environment = "testing";
    reporting(situation, "member1", { voters: 3 });
    expect(verdict()).toMatch(/^wait/);
    reporting(situation, "member1", { voters: 1 });
    expect(verdict()).toMatch(/^allow/);
    situation.evidence.machines = [...situation.evidence.machines, machine("member2", 2)];
    expect(verdict()).toMatch(/^wait/);
  });

  test("no testing single node is what was production, or has others beside it", () => {
    clusterOf(1);
    situation.declared.environment = "testing";
    expect(verdict()).toMatch(/^wait/);
    clusterOf(3);
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
});

describe("a cluster that is not declared any more", () => {
  const unprotected = () => ({ ...situation.target, recorded: { deletionProtection: false } });

  test("is refused", () => {
    expect(said(undeclared(situation.target))).toMatch(/^refuse: member1: its cluster prod is not declared/);
    expect(said(undeclared(situation.target, situation.evidence))).toMatch(/^refuse/);
  });

  test("is not given up by a tag alone: members must show that no quorum is left", () => {
    expect(said(undeclared(unprotected()))).toMatch(/^refuse/);
    expect(said(undeclared(unprotected(), situation.evidence))).toMatch(/^refuse/);
    for (const each of situation.evidence.machines) each.state = "stopped";
    for (const { name } of situation.declared.members) reporting(situation, name, {}, 10 * minute);
    expect(said(undeclared(unprotected(), situation.evidence))).toBe(
      "allow: prod was deployed with deletionProtection: false, and no quorum of it is left",
    );
    expect(said(undeclared(situation.target, situation.evidence))).toMatch(/^refuse/);
  });

  test("waits for AWS where it does not answer", () => {
    expect(said(undeclared(unprotected(), { problem: "Throttling", passing: true }))).toMatch(
      /^wait: .*prod/,
    );
  });
});

describe("a declared restore", () => {
  beforeEach(() => {
    situation.declared.generation = 2;
  });
  const all = () => situation.declared.members.map(({ name }) => name);

  test("lets the older generation's machines go once nobody is left of it", () => {
    for (const member of all()) dead(situation, member);
    expect(verdict()).toBe(
      "allow: generation 2 is declared, member1 has not begun it, and no quorum is left",
    );
  });

  test("and with two of five left that say that etcd is not ready", () => {
    for (const member of ["member3", "member4", "member5"]) dead(situation, member);
    for (const member of ["member1", "member2"]) reporting(situation, member, { ready: false });
    expect(verdict()).toMatch(/^allow: generation 2 is declared/);
    reporting(situation, "member2", {});
    expect(verdict()).toMatch(/^wait/);
  });

  test("gives no quorum away that serves while the restore is held up, whatever tags say", () => {
    for (const member of ["member4", "member5"]) dead(situation, member);
    expect(verdict()).toMatch(/^wait: member4: .*member5: .*without it 2 of the other 4 voters/);
    expect(situation.target.recorded.generation).toBe(1);
  });

  test("gives no quorum of its own away by tags of before", () => {
    for (const member of all()) reporting(situation, member, { generation: 2 });
    const begun = all().map((member) => ({ generation: 2, member }));
    situation.evidence.started = [...situation.evidence.started, ...begun];
    for (const member of ["member4", "member5"]) dead(situation, member);
    expect(situation.target.recorded.generation).toBe(1);
    expect(verdict()).toMatch(/^wait: member4: .*member5: .*without it 2 of the other 4 voters/);
  });

  test("gives up nobody who began it, and nobody whose tags say so", () => {
    for (const member of all()) dead(situation, member);
    situation.target.recorded.generation = 2;
    expect(verdict()).toMatch(/^wait/);
    situation.target.recorded.generation = undefined;
    expect(verdict()).toMatch(/^allow/);
    situation.evidence.started = [...situation.evidence.started, { generation: 2, member: "member1" }];
    expect(verdict()).toMatch(/^wait/);
  });

  test("gives no quorum away because of one that was a voter and is to be added anew", () => {
    clusterOf(3);
    const { declared, evidence } = situation;
    declared.generation = 2;
    declared.members = [...declared.members, { name: "member4", address: address(4) }];
    // Of the three, two run and are silent: they may serve.
    for (const member of ["member1", "member2"]) reporting(situation, member, {}, 10 * minute);
    reporting(situation, "member3", { ready: false });
    evidence.reports = [...evidence.reports, report("member4", {}, 10 * minute)];
    expect(verdict()).toMatch(/^wait/);
  });

  test("takes silence for no proof: machines that run may serve without AWS, and what to do is said", () => {
    situation.declared.balanced = false;
    for (const member of all()) reporting(situation, member, {}, 10 * minute);
    expect(verdict()).toMatch(/^wait: .* \| .*stop the machines of it that say nothing/);
    for (const each of situation.evidence.machines.slice(0, 3)) each.state = "stopped";
    expect(verdict()).toMatch(/^allow: generation 2 is declared/);
  });

  test("takes a machine whose tags were removed for no dead one while it reports", () => {
    situation.evidence.machines = [];
    expect(verdict()).toMatch(/^wait/);
  });

  test("takes a broken record for no proof that etcd is down", () => {
    for (const member of ["member4", "member5"]) dead(situation, member);
    situation.evidence.reports = situation.evidence.reports.filter(
      ({ status }) => !["member1", "member2", "member3"].includes(status.member),
    );
    situation.evidence.broken = ["member1", "member2", "member3"].map((status) => ({
      status,
      problem: "null",
    }));
    expect(verdict()).toMatch(/^wait/);
  });
});

describe("a machine whose tags say another member than the program", () => {
  test("is refused, in a preview too, whatever that member's state", () => {
    situation.target.mistagged = "its machine's tags say that it is member9 of prod";
    expect(decide(situation)).toMatchObject({ kind: "refuse", inPreview: true });
    expect(verdict()).toMatch(/^refuse: member1: its machine's tags say .*Put the tags of i-member1 right/);
    situation.declared.deletionProtection = false;
    expect(verdict()).toMatch(/^allow/);
  });
});
