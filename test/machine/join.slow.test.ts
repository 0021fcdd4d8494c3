import { desiredRecord } from "../../contract/records";
import type { ClusterDeclaration } from "../../spec";
import { declaration, specOf } from "../fixtures/declarations";
import { incarnation, Machine, type Listed } from "./fixtures/machine";
import { machines, store } from "./fixtures/machines";

const generation = `/etcd/prod/incarnations/${incarnation}/generations/1`;
const started = (member: string) => `${generation}/started/${member}`;
const prod = declaration("prod").members;
const founders = prod.map(({ name, address }) => ({ name, url: `https://${address}:2380` }));
const founding = founders.map(({ name, url }) => `${name}=${url}`).join(",");
const five: Listed[] = prod.map(({ name, address }, index) => ({ id: `a${index + 1}`, name, address }));
const others = five.slice(1);

function machine(name: string, members?: ClusterDeclaration["members"]): Machine {
  const spec = specOf({ ...declaration("prod"), ...(members && { members }) });
  const made = new Machine(name, store, spec);
  made.clusterIs(undefined);
  machines.push(made);
  return made;
}

/** The cluster was founded by the five, and etcd has started on these machines before. */
function founded(...startedOn: string[]): void {
  store.values.set(
    generation,
    JSON.stringify({ token: "prod-1-token", members: founders, createdBy: "member1" }),
  );
  for (const member of startedOn) store.values.set(started(member), "2026-01-01T00:00:00Z");
}

describe("data of this cluster, member and generation", () => {
  test("starts, with nothing outside the machine in reach", async () => {
    const member1 = machine("member1");
    member1.mark({}, true);
    await store.stop();
    expect(await member1.start("join")).toBe(0);
    expect(member1.flags).toEqual([`--data-dir=${member1.path("/var/lib/etcd/generations/1")}`]);
    await store.start();
  });

  test("starts from a founding that got as far as a WAL", async () => {
    const member1 = machine("member1");
    member1.mark({ state: "founding" }, true);
    expect(await member1.start("join")).toBe(0);
    expect(member1.flags).toHaveLength(1);
  });
});

describe("a copy of the volume, made from an EBS snapshot", () => {
  test("is refused, and what to do is said", async () => {
    const member1 = machine("member1");
    member1.mark({ volume: "vol-0fedcba9876543210" }, true);
    expect(await member1.start("join")).toBe(3);
    expect(member1.log).toContain("volume vol-0123456789abcdef0 is a copy of vol-0fedcba9876543210");
    expect(member1.log).toContain("Attach vol-0fedcba9876543210 or an empty volume, or restore a backup");
    expect(member1.flags).toBeUndefined();
  });
});

describe("data of another", () => {
  test.each([
    ["cluster", "cluster staging"],
    ["member", "member member2"],
    ["incarnation", "incarnation 0000"],
  ] as const)("%s is refused and left as it is", async (field, said) => {
    const member1 = machine("member1");
    member1.mark({ [field]: said.split(" ")[1] }, true);
    const before = member1.marked;
    member1.clusterIs(others);
    expect(await member1.start("join")).toBe(3);
    expect(member1.log).toContain(`the data volume belongs to ${said}`);
    expect(member1.flags).toBeUndefined();
    expect([member1.marked, member1.calls]).toEqual([before, []]);
  });

  test.each(["", "{}", '{"cluster":"prod","generation":1}'])(
    "marked as %j by no member is refused",
    async (mark) => {
      const member1 = machine("member1");
      member1.write("/var/lib/etcd/identity.json", mark);
      member1.clusterIs(others);
      expect(await member1.start("join")).toBe(3);
      expect(member1.log).toContain("identity.json is not as a member writes it");
      expect([member1.flags, member1.calls]).toEqual([undefined, []]);
    },
  );
});

describe("an empty disk that the generation names as a founder", () => {
  test("founds, once the volume and the record say so", async () => {
    const member1 = machine("member1");
    expect(await member1.start("join")).toBe(0);
    const { token } = JSON.parse(store.values.get(generation)!) as { token: string };
    expect(member1.flags!.slice(1)).toEqual([
      `--initial-cluster=${founding}`,
      "--initial-cluster-state=new",
      `--initial-cluster-token=${token}`,
    ]);
    expect(member1.marked).toMatchObject({ member: "member1", incarnation, state: "founding" });
    expect(store.written).toEqual([generation, started("member1")]);
  });

  test("founds by DNS where that is declared", async () => {
    const member1 = new Machine("member1", store, specOf({ ...declaration("prod"), discovery: "dns" }));
    machines.push(member1);
    member1.clusterIs(undefined);
    expect(await member1.start("join")).toBe(0);
    expect(member1.flags).toContain("--discovery-srv=prod.etcd.internal");
    expect(member1.flags!.join(" ")).not.toContain("--initial-cluster=");
  });

  test("all five, at once: one record, which every one follows", async () => {
    const all = prod.map(({ name }) => machine(name));
    expect(await Promise.all(all.map((each) => each.start("join")))).toEqual([0, 0, 0, 0, 0]);
    expect(store.written.filter((name) => name === generation)).toHaveLength(1);
    expect(new Set(all.map(({ flags }) => flags!.slice(1).join(" "))).size).toBe(1);
  });

  test("is marked as running once etcd is ready", async () => {
    const member1 = machine("member1");
    await member1.start("join");
    expect(await member1.start("founded")).toBe(0);
    expect(member1.marked).toMatchObject({ generation: 1, state: "running" });
  });

  test("founds again after a power cut between the started record and the first start", async () => {
    founded("member1");
    const member1 = machine("member1");
    member1.mark({ state: "founding" }, false);
    expect(await member1.start("join")).toBe(0);
    expect(member1.flags).toContain("--initial-cluster-token=prod-1-token");
  });

  test("waits while its records are out of reach, and goes on once they are back", async () => {
    const member1 = machine("member1");
    store.failure = { status: 500, type: "InternalServerError" };
    const joined = member1.start("join");
    await member1.says("cannot read /etcd/prod/desired");
    expect(member1.flags).toBeUndefined();
    store.failure = undefined;
    expect(await joined).toBe(0);
    expect(member1.flags).toContain("--initial-cluster-state=new");
  });

  test("is refused where the record is gone while the cluster runs", async () => {
    const member1 = machine("member1");
    member1.clusterIs(others);
    expect(await member1.start("join")).toBe(3);
    expect(member1.log).toContain(`${generation} is gone, but the cluster runs`);
    expect(store.written).toEqual([]);
  });

  test("is refused where the record is gone while members started in it", async () => {
    const member1 = machine("member1");
    store.values.set(started("member2"), "2026-01-01T00:00:00Z");
    expect(await member1.start("join")).toBe(3);
    expect(member1.log).toContain(`${generation} is gone, but members started in it (member2)`);
    expect(store.written).toEqual([]);
  });
});

describe("a disk that was lost", () => {
  test.each([
    ["unmarked", undefined],
    ["running without a WAL", { state: "running" }],
  ])("%s: its former self goes, it joins as a learner", async (_, mark) => {
    founded("member1");
    const member1 = machine("member1");
    if (mark) member1.mark(mark, false);
    member1.clusterIs(five);
    expect(await member1.start("join")).toBe(0);
    expect(member1.calls).toEqual(["remove a1", "add member1 --learner --peer-urls=https://10.0.1.11:2380"]);
    expect(member1.flags).toEqual([
      `--data-dir=${member1.path("/var/lib/etcd/generations/1")}`,
      "--initial-cluster=member1=https://10.0.1.11:2380,member2=https://10.0.2.11:2380",
      "--initial-cluster-state=existing",
    ]);
    expect(member1.marked).toMatchObject({ state: "running" });
  });

  test("without a quorum it waits and never founds", async () => {
    founded("member1");
    const member1 = machine("member1");
    const joined = member1.start("join");
    await member1.says("waiting: a quorum of the other members");
    expect([member1.flags, member1.marked]).toEqual([undefined, undefined]);
    member1.clusterIs(five);
    expect(await joined).toBe(0);
    expect(member1.flags).toContain("--initial-cluster-state=existing");
  });

  test("with its records out of reach it waits", async () => {
    founded("member1");
    const member1 = machine("member1");
    member1.clusterIs(five);
    store.failure = { status: 400, type: "ThrottlingException" };
    const joined = member1.start("join");
    await member1.says("ThrottlingException");
    expect([member1.flags, member1.calls]).toEqual([undefined, []]);
    store.failure = undefined;
    expect(await joined).toBe(0);
  });

  test("joins after the learner that is on its way", async () => {
    founded("member1");
    const member1 = machine("member1");
    const learner = { id: "b2", name: "member2", address: "10.0.2.11", learner: true };
    member1.clusterIs([...five.filter(({ name }) => name !== "member2"), learner]);
    const joined = member1.start("join");
    await member1.says("waiting: learner member2 (b2)");
    expect(member1.calls).toEqual([]);
    member1.clusterIs(five);
    expect(await joined).toBe(0);
  });

  test("a machine that stopped between being added and its first start is added anew", async () => {
    founded("member1");
    const member1 = machine("member1");
    member1.mark({ state: "running" }, false);
    member1.clusterIs([...others, { id: "b1", name: "-", address: "10.0.1.11", learner: true }]);
    expect(await member1.start("join")).toBe(0);
    expect(member1.calls[0]).toBe("remove b1");
  });

  test("is not added while the cluster keeps its former self", async () => {
    founded("member1");
    const member1 = machine("member1");
    member1.clusterIs(five);
    member1.clusterRefuses("remove");
    void member1.start("join");
    await member1.says("waiting: the cluster to let go of member1 (a1)");
    expect(member1.calls.filter((call) => call.startsWith("add"))).toEqual([]);
  });
});

describe("a new member", () => {
  const member6 = { name: "member6", subnet: "a", address: "10.0.1.13", replaces: { name: "member1" } };
  const add6 = "add member6 --learner --peer-urls=https://10.0.1.13:2380";

  test("takes a dead one's place: removed first", async () => {
    founded();
    const newcomer = machine("member6", [member6, ...prod.slice(1)]);
    newcomer.clusterIs([{ ...five[0]!, up: false }, ...others]);
    expect(await newcomer.start("join")).toBe(0);
    expect(newcomer.calls).toEqual(["remove a1", add6]);
  });

  test("takes a healthy one's place: that stays for now", async () => {
    founded();
    const newcomer = machine("member6", [member6, ...prod.slice(1)]);
    newcomer.clusterIs(five);
    expect(await newcomer.start("join")).toBe(0);
    expect(newcomer.calls).toEqual([add6]);
  });

  test("removes no declared member, whatever its state", async () => {
    founded();
    const newcomer = machine("member6", [member6, ...prod.slice(1)]);
    // Added and never started: such a member has no name.
    newcomer.clusterIs([...others.slice(1), { id: "a2", name: "-", address: "10.0.2.11", up: false }]);
    expect(await newcomer.start("join")).toBe(0);
    expect(newcomer.calls).toEqual([add6]);
  });

  test("beside the founders is added and removes no one", async () => {
    store.values.set(
      generation,
      JSON.stringify({ token: "t", members: founders.slice(0, 3), createdBy: "member1" }),
    );
    const member4 = machine("member4");
    member4.clusterIs(five.slice(0, 3));
    expect(await member4.start("join")).toBe(0);
    expect(member4.calls).toEqual(["add member4 --learner --peer-urls=https://10.0.1.12:2380"]);
  });

  test("that is declared no more does not join", async () => {
    founded();
    const gone = machine("member9");
    gone.clusterIs(five);
    expect(await gone.start("join")).toBe(3);
    expect(gone.log).toContain("member9 is not declared any more");
    expect(gone.calls).toEqual([]);
  });
});

describe("the disk's admission", () => {
  test("refuses a slow disk with the figures, and changes nothing", async () => {
    founded("member1");
    const member1 = machine("member1");
    member1.clusterIs(five);
    expect(await member1.start("join", { DISK_P99: "43.2" })).toBe(3);
    expect(member1.log).toContain("fdatasync p99 43.2 ms, the limit is 10 ms (admission.fsyncP99)");
    expect(member1.calls).toEqual([]);
  });

  test("only warns where that is declared", async () => {
    founded("member1");
    const member1 = machine("member1");
    member1.clusterIs(five);
    const admission = { fsyncP99: 10, slowDisk: "warn" as const };
    member1.declare(desiredRecord({ ...member1.spec, admission }, incarnation));
    expect(await member1.start("join", { DISK_P99: "43.2" })).toBe(0);
    expect(member1.log).toContain("fdatasync p99 43.2 ms");
  });
});
