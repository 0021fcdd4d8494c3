import { readdirSync } from "node:fs";
import { declaration, specOf } from "../fixtures/declarations";
import { desiredRecord } from "../../contract/records";
import { incarnation, Machine, type Listed } from "./fixtures/machine";
import { machines, store } from "./fixtures/machines";

const spec = specOf({ ...declaration("prod"), members: declaration("prod").members.slice(0, 3) });
const MiB = 1 << 20;
const listed: Listed[] = spec.members.map(({ name, address }, index) => ({
  id: `a${index + 1}`,
  name,
  address,
}));
const url = (name: string) => `https://${listed.find((each) => each.name === name)!.address}:2379`;
const [first, second, third] = ["member1", "member2", "member3"].map(url) as [string, string, string];

let machine: Machine;

/** member1's machine, in a cluster whose members' stores take and hold so many MiB. */
function cluster(leader: string, sizes: [taken: number, held: number][], members = listed): void {
  machine = new Machine("member1", store, spec);
  machines.push(machine);
  machine.clusterIs(members);
  const statuses = listed.map(({ name }, index) => ({
    Endpoint: url(name),
    Status: {
      header: { member_id: index + 1, revision: 77 },
      leader: listed.findIndex((each) => each.name === leader) + 1,
      dbSize: sizes[index]![0] * MiB,
      dbSizeInUse: sizes[index]![1] * MiB,
    },
  }));
  machine.write("/cluster/statuses.json", JSON.stringify(statuses));
}

describe("the timer", () => {
  test("leaves it to a CronJob of the Kubernetes cluster, where one is declared", async () => {
    cluster("member1", [
      [500, 100],
      [500, 100],
      [500, 300],
    ]);
    const defragmentation = { schedule: "30 2 * * 0" };
    machine.declare(desiredRecord({ ...spec, defragmentation }, incarnation));
    expect(await machine.start("defragment")).toBe(0);
    expect(machine.calls).toEqual([]);
  });

  test("defragments those that waste much, the leader last and after it handed over, under a lock", async () => {
    cluster("member1", [
      [500, 100],
      [500, 100],
      [500, 300],
    ]);
    expect(await machine.start("defragment")).toBe(0);
    expect(machine.calls).toEqual([
      "lock",
      `defrag  at ${second}`,
      `move-leader a2 at ${first}`,
      `defrag  at ${first}`,
    ]);
  });

  test.each([
    ["less than half", [500, 260]],
    ["less than 200 MiB", [250, 60]],
  ] as const)("leaves members alone that waste %s", async (_, [taken, held]) => {
    cluster("member1", [
      [taken, held],
      [taken, held],
      [taken, held],
    ]);
    expect(await machine.start("defragment")).toBe(0);
    expect(machine.calls).toEqual([]);
  });

  test("leaves it to the leader's machine", async () => {
    cluster("member2", [
      [900, 1],
      [900, 1],
      [900, 1],
    ]);
    expect(await machine.start("defragment")).toBe(0);
    expect(machine.calls).toEqual([]);
  });

  test("does nothing beside a member that does not answer", async () => {
    const members = listed.map((each) => ({ ...each, up: each.name !== "member3" }));
    cluster("member1", Array(3).fill([900, 1]) as [number, number][], members);
    expect(await machine.start("defragment")).toBe(1);
    expect(machine.log).toContain(`waiting: ${third} to answer before any other member is defragmented`);
    expect(machine.calls).toEqual([]);
  });

  test("ends where one fails, or the leader keeps its leadership", async () => {
    cluster("member1", Array(3).fill([900, 1]) as [number, number][]);
    machine.clusterRefuses("defrag");
    expect(await machine.start("defragment")).toBe(1);
    expect(machine.calls).toEqual(["lock", `defrag  at ${second}`]);
    machine.clusterAllows("defrag");
    machine.clusterRefuses("move-leader");
    expect(await machine.start("defragment")).toBe(1);
    expect(machine.calls).not.toContain(`defrag  at ${first}`);
    expect(machine.log).toContain(`waiting: ${first} to hand its leadership over`);
  });
});

describe("out of space", () => {
  const every = [
    `defrag  at ${first}`,
    `defrag  at ${third}`,
    `move-leader a1 at ${second}`,
    `defrag  at ${second}`,
  ];
  const full = (held: number) => Array(3).fill([4096, held]) as [number, number][];

  test("compacts, defragments every member, the leader last, and clears the alarm", async () => {
    cluster("member2", full(100));
    expect(await machine.start("space")).toBe(0);
    expect(machine.calls).toEqual([
      `compaction 77 at ${first}`,
      ...every,
      expect.stringMatching(/^alarm disarm/),
    ]);
  });

  test("keeps the alarm where no room was won, and says what is left to do", async () => {
    cluster("member2", full(4000));
    expect(await machine.start("space")).toBe(1);
    expect(machine.calls).toEqual([`compaction 77 at ${first}`, ...every]);
    expect(machine.log).toContain(`${first} is still at nine tenths of its quota`);
  });

  test("stops where etcd does not compact", async () => {
    cluster("member2", full(100));
    machine.clusterRefuses("compaction");
    expect(await machine.start("space")).toBe(1);
    expect(machine.calls).toEqual([`compaction 77 at ${first}`]);
    expect(machine.log).toContain("etcd does not compact");
  });
});

describe("old data", () => {
  const there = () => readdirSync(machine.path("/var/lib/etcd/generations")).sort();

  beforeEach(() => {
    machine = new Machine("member1", store, spec);
    machines.push(machine);
    machine.mark({}, true);
    for (const name of ["0", "1.aside"])
      machine.write(`/var/lib/etcd/generations/${name}/member/snap/db`, "data");
  });

  test("is removed by name, once etcd is ready on the data that it runs on", async () => {
    expect(await machine.start("old-data", {}, ["remove", "0"])).toBe(1);
    expect(machine.log).toContain("etcd is not ready on generation 1: old data stays");
    expect(there()).toEqual(["0", "1", "1.aside"]);
    machine.ready = true;
    expect(await machine.start("old-data", {}, ["remove", "0"])).toBe(0);
    expect(there()).toEqual(["1", "1.aside"]);
  });

  test.each(["1", "..", "0/member", "7"])("is never anything else: %s", async (name) => {
    machine.ready = true;
    expect(await machine.start("old-data", {}, ["remove", name])).toBe(1);
    expect(machine.log).toContain(`${name} is no old data here`);
    expect(there()).toEqual(["0", "1", "1.aside"]);
  });
});
