import { until } from "../../rehearse/until";
import type { Machine } from "./fixtures/machine";
import { machines, store } from "./fixtures/machines";
import {
  asked,
  backup,
  begun,
  blank,
  dataOf,
  declare,
  desired,
  five,
  generation,
  listed,
  restarted,
  running,
  said,
  stops,
  three,
  watch,
} from "./fixtures/newGeneration";

jest.setTimeout(600_000);

beforeEach(backup);

const old = (each: Machine) => [`--data-dir=${dataOf(each, 1)}`];
const restored = (each: Machine) => [`--data-dir=${dataOf(each, 2)}`];
const is = (what: string, check: () => boolean) => until(what, () => Promise.resolve(check()));

/** Three members of a cluster of three, or of five, all of which say that they are ready but the last. */
async function almostReady(members = three): Promise<Machine[]> {
  const all = members.map(({ name }) => running(name, members));
  declare(2);
  const [member1, member2, member3] = all as [Machine, Machine, Machine];
  member3.clients = ["10.0.9.9"];
  [member1, member3, ...all.slice(3)].forEach(watch);
  await member3.says("API servers to be stopped");
  await member1.says("waiting: member2");
  // It looks away while the others begin.
  member3.clients = [];
  await is("member3 to be ready", () => said(member3) === "ready");
  member3.freeze();
  watch(member2);
  return all;
}

/** Three members of a cluster, each of which an API server holds up. */
async function heldUp(): Promise<Machine[]> {
  const all = three.map(({ name }) => running(name));
  declare(2);
  for (const each of all) each.clients = ["10.0.9.9"];
  all.forEach(watch);
  for (const each of all) await each.says("API servers to be stopped");
  return all;
}

describe("before any member has begun", () => {
  test("whatever restarts serves on: while API servers hold the restore up", async () => {
    const all = await heldUp();
    expect(await Promise.all(all.map((each) => each.start("join")))).toEqual([0, 0, 0]);
    expect(all.map(({ flags }) => flags)).toEqual(all.map(old));
  });

  test("and while one member cannot restore", async () => {
    const all = three.map(({ name }) => running(name));
    declare(2);
    const [member1, , member3] = all as [Machine, Machine, Machine];
    member3.pretend("df", "echo Avail; echo 1000");
    all.forEach(watch);
    await member3.says("refused: the restore needs");
    await member1.says("to have the snapshot restored");
    expect(await Promise.all([member1, member3].map((each) => each.start("join")))).toEqual([0, 0]);
    expect([member1.flags, member3.flags]).toEqual([old(member1), old(member3)]);
  });

  test("and where AWS is out of reach", async () => {
    const member1 = running("member1");
    declare(2);
    await store.stop();
    expect(await member1.start("join")).toBe(0);
    expect(member1.flags).toEqual(old(member1));
    await store.start();
  });

  test("a newcomer belongs to the generation whose cluster it joined", async () => {
    await heldUp();
    const member4 = blank("member4", five);
    member4.declare(desired(2, five));
    member4.clusterIs(listed(three));
    expect(await member4.start("join")).toBe(0);
    expect(member4.marked).toMatchObject({ generation: 1, state: "running" });
    expect(member4.flags).toContain(old(member4)[0]);
  });
});

describe("a member that stopped for it", () => {
  test("starts nothing older, though the restore is withdrawn: the others go on as well", async () => {
    const all = three.map(({ name }) => running(name));
    declare(2);
    const [member1, member2, member3] = all as [Machine, Machine, Machine];
    all.forEach(watch);
    await is("all to be prepared", () => all.every((each) => each.log.includes("is restored here")));
    await is("two to be ready", () => [member2, member3].every((each) => said(each) === "ready"));
    member2.freeze();
    member3.freeze();
    const first = restarted(member1);
    await is("member1 to say so", () => said(member1) === "stopped");
    declare(undefined);
    member2.thaw();
    member3.thaw();
    expect(await Promise.all([first, restarted(member2), restarted(member3)])).toEqual([0, 0, 0]);
    expect(all.map(({ flags }) => flags)).toEqual(all.map(restored));
  });

  test("waits until a majority of the old generation has", async () => {
    const all = three.map(({ name }) => running(name));
    declare(2);
    const [member1, member2, member3] = all as [Machine, Machine, Machine];
    all.forEach(watch);
    const first = restarted(member1);
    await member1.says("waiting: member2 member3 to have stopped");
    expect(begun()).toBe(false);
    // One of them is gone: the other makes a majority.
    await stops(member3);
    expect(await Promise.all([first, restarted(member2)])).toEqual([0, 0]);
  });

  test("and whose watch ended before it asked for the restart, asks when it is back", async () => {
    const member1 = running("member1");
    declare(2);
    member1.write("/var/lib/etcd/going", "2\nmember1 member2 member3\n");
    store.values.set(`${generation(2)}/verified/member2`, "stopped");
    watch(member1);
    await stops(member1);
  });
});

describe("once a member has begun", () => {
  test("nobody holds it up: not the third, to which an API server came back", async () => {
    const [member1, member2, member3] = (await almostReady()) as [Machine, Machine, Machine];
    const both = Promise.all([restarted(member1), restarted(member2)]);
    await Promise.all([stops(member1), stops(member2)]);
    member3.clients = ["10.0.9.9"];
    member3.thaw();
    expect(await both).toEqual([0, 0]);
    expect(await restarted(member3)).toBe(0);
    expect([member1, member2, member3].map(({ flags }) => flags)).toEqual(
      [member1, member2, member3].map(restored),
    );
  });

  test("members that it leaves out end, and never start their data again", async () => {
    const all = five.map(({ name }) => running(name, five));
    declare(2);
    all.forEach(watch);
    const [member1, member2, member3, member4, member5] = all as [
      Machine,
      Machine,
      Machine,
      Machine,
      Machine,
    ];
    expect(await Promise.all([member1, member2, member3].map(restarted))).toEqual([0, 0, 0]);
    for (const each of [member4, member5]) {
      expect(await restarted(each)).toBe(3);
      expect([each.flags, said(each)]).toEqual([undefined, "stopped"]);
      // Not even with nothing outside the machine in reach.
      store.failure = { status: 500, type: "InternalServerError" };
      const again = each.start("join");
      await each.says("cannot read /etcd/prod/desired");
      expect(each.flags).toBeUndefined();
      store.failure = undefined;
      expect(await again).toBe(3);
    }
  });

  test("of five to three, one held up when the others began: no two clusters", async () => {
    const all = await almostReady(five);
    const [member1, member2, member3, member4, member5] = all as [
      Machine,
      Machine,
      Machine,
      Machine,
      Machine,
    ];
    const both = Promise.all([restarted(member1), restarted(member2)]);
    // Three of the old five might still agree on something.
    await member1.says(/waiting: member3.* to have stopped/);
    expect(begun()).toBe(false);
    member3.clients = ["10.0.9.9"];
    member3.thaw();
    expect(await restarted(member3)).toBe(0);
    expect(await both).toEqual([0, 0]);
    expect(await Promise.all([restarted(member4), restarted(member5)])).toEqual([3, 3]);
    expect(all.map(({ flags }) => flags)).toEqual([
      ...[member1, member2, member3].map(restored),
      undefined,
      undefined,
    ]);
  });

  test("a member left out that is declared later joins the new one", async () => {
    const all = three.map(({ name }) => running(name));
    declare(2);
    all.forEach(watch);
    expect(await Promise.all(all.map(restarted))).toEqual([0, 0, 0]);
    const member4 = running("member4", five);
    member4.declare(desired(2, five));
    watch(member4);
    expect(await restarted(member4)).toBe(0);
    expect(member4.calls).toContain("add member4 --learner --peer-urls=https://10.0.1.12:2380");
    expect(member4.marked).toMatchObject({ generation: 2, state: "running" });
  });
});

describe("members that a generation leaves out and that never say that they stopped", () => {
  const newNames = three.map((member, index) => ({ ...member, name: `member${index + 6}` }));

  test("are waited for while they tell how they are, and not once they are silent", async () => {
    three.forEach(({ name }) => running(name));
    machines.length = 0;
    const all = newNames.map(({ name }) => blank(name, newNames));
    declare(2, newNames);
    const status = `/etcd/prod/incarnations/${desired(2).incarnation}/status/member1`;
    let looks = 0;
    const alive = setInterval(() => store.values.set(status, `{"looks":${++looks}}`), 100);
    const joins = Promise.all(all.map((each) => each.start("join", { SILENT_FOR: "2" })));
    await all[0]!.says(/waiting: member1.* to have stopped, or to be silent/);
    expect(begun()).toBe(false);
    clearInterval(alive);
    expect(await joins).toEqual([0, 0, 0]);
    expect(asked(all[0]!)).toBe(false);
  });
});
