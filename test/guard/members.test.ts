import { decide } from "../../guard/decision";
import { address, dead, machine, minute, reporting } from "./facts";
import { situation, target, unregistered, verdict } from "./situation";

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

  test("addresses may change with the generation, as a restore puts them into etcd, once no quorum is left", () => {
    situation.declared.members = situation.declared.members.map((member) => ({
      ...member,
      address: "10.0.9.9",
    }));
    situation.declared.generation = 2;
    expect(verdict()).toMatch(/^refuse: member1: its address changes/);
    for (const each of situation.evidence.machines) each.state = "stopped";
    for (const { name } of situation.declared.members) reporting(situation, name, {}, 10 * minute);
    expect(verdict()).toMatch(/^allow: generation 2 is declared/);
  });

  describe("a restore of five that leaves two out", () => {
    const stay = ["member1", "member2", "member3"];
    beforeEach(() => {
      situation.declared.members = situation.declared.members.slice(0, 3);
      situation.declared.generation = 2;
      target("member5");
    });
    const begin = (...members: string[]) => {
      for (const member of members) reporting(situation, member, { generation: 2 });
      const started = members.map((member) => ({ generation: 2, member }));
      situation.evidence.started = [...situation.evidence.started, ...started];
    };

    test("keeps them while the old generation serves, but fails no preview", () => {
      expect(decide(situation).kind).toBe("wait");
      expect(verdict()).toMatch(/^wait: member5: generation 2 leaves it out .* the latest begun is 1/);
    });

    test("keeps them until the new generation runs on a quorum of its own", () => {
      situation.evidence.founders = [
        ...situation.evidence.founders,
        ...stay.map((member) => ({ generation: 2, member })),
      ];
      begin("member1");
      expect(verdict()).toMatch(/^wait: member5: .* the latest begun is 2/);
      begin("member2");
      expect(verdict()).toBe("allow: member5 is no member of prod");
    });

    test("a tag of an older generation alone opens nothing", () => {
      begin(...stay);
      reporting(situation, "member5", { generation: 2 });
      situation.target.recorded.generation = 1;
      expect(verdict()).toMatch(/^refuse: member5/);
    });
  });
});
