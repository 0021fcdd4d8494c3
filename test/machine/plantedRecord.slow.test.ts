import type { GenerationRecord } from "../../contract/records";
import { until } from "../../rehearse/until";
import { foundingOf, type Machine } from "./fixtures/machine";
import { store } from "./fixtures/machines";
import {
  asked,
  backup,
  blank,
  dataOf,
  declare,
  desired,
  generation,
  listed,
  restarted,
  running,
  said,
  three,
  watch,
} from "./fixtures/newGeneration";

// A generation's record that one member made up: it is named, and changes nothing.

jest.setTimeout(600_000);

beforeEach(backup);

const evil = Buffer.alloc(4096, 6);
const founding = () => foundingOf(desired(2));

/** What the first machine would write where generation 2 is declared. */
function honest(): GenerationRecord {
  const [key, sha256] = ["snapshots/20260101T000000Z.db", "0".repeat(64)];
  return {
    ...{ version: 1, token: founding().token, members: founding().members, createdBy: "member3" },
    restore: {
      ...{ bucket: store.bucket.name, key, sha256, size: 4096, revision: 3 },
      ...{ etcdVersion: "3.6.16", bump: 1_000_000_000 },
    },
  };
}

function plant(changed: object, number = 2): void {
  store.values.set(generation(number), JSON.stringify({ ...honest(), ...changed }));
}

const inSnapshot = (changed: object) => ({ restore: { ...honest().restore, ...changed } });

/** It serves what it has, now and after a restart, and has said nothing of the new generation. */
async function goesOn(each: Machine): Promise<void> {
  expect([asked(each), said(each), each.has("/run/etcd/generation.json")]).toEqual([false, undefined, false]);
  expect(await each.start("join")).toBe(0);
  expect(each.flags).toEqual([`--data-dir=${dataOf(each, 1)}`]);
}

test.each<[string, string, () => object]>([
  ["another snapshot", "snapshot", () => inSnapshot({ key: "snapshots/evil.db", sha256: "1".repeat(64) })],
  ["no snapshot", "snapshot", () => ({ restore: undefined })],
  ["other founders", "founders", () => ({ members: founding().members.slice(2) })],
  [
    "another place of a founder",
    "founders",
    () => ({ members: founding().members.map((each) => ({ ...each, url: "https://10.0.9.9:2380" })) }),
  ],
  ["the token of another generation", "token", () => ({ token: "prod-1-token" })],
  ["a token of its own, as it was written before the declaration", "token", () => ({ token: "prod-2-x" })],
  ["another bump", "bump", () => inSnapshot({ bump: 1 })],
])("with %s: a member with data names it and goes on", async (_, what, changed) => {
  const member1 = running("member1");
  plant(changed());
  // As one member may: that it has started in it.
  store.values.set(`${generation(2)}/started/member3`, "2026-01-01T00:00:00Z");
  declare(2);
  watch(member1);
  await member1.says(`refused: ${generation(2)} does not follow from /etcd/prod/founding/2: ${what} `);
  await member1.says("It says that member3 wrote it: see to that machine, then delete it");
  await goesOn(member1);
});

test("with a field that nothing writes: a member with data names it and goes on", async () => {
  const member1 = running("member1");
  plant({ snapshot: "s3://backups/snapshots/evil.db" });
  declare(2);
  watch(member1);
  await member1.says(`${generation(2)} to be put right: snapshot is nothing that stands there`);
  await goesOn(member1);
});

test("all go on with the restore once an operator deletes it (T3)", async () => {
  store.bucket.objects.set("snapshots/evil.db", evil);
  const all = three.map(({ name }) => running(name));
  plant(inSnapshot({ key: "snapshots/evil.db", sha256: "1".repeat(64) }));
  declare(2);
  all.forEach(watch);
  for (const each of all) await each.says(/snapshot .*evil\.db.*, declared /);
  expect(all.map(asked)).toEqual([false, false, false]);
  store.values.delete(generation(2));
  store.values.delete(`${generation(2)}/started/member3`);
  expect(await Promise.all(all.map(restarted))).toEqual([0, 0, 0]);
  expect(all.map(({ flags }) => flags)).toEqual(all.map((each) => [`--data-dir=${dataOf(each, 2)}`]));
  expect(JSON.parse(store.values.get(generation(2))!)).toMatchObject({
    token: founding().token,
    members: founding().members,
    restore: { key: "snapshots/20260101T000000Z.db" },
  });
});

test("an empty disk joins those that have data meanwhile", async () => {
  three.slice(1).forEach(({ name }) => running(name));
  const member1 = blank("member1");
  plant({ token: "prod-2-x", members: founding().members.slice(2) });
  store.values.set(`${generation(2)}/started/member3`, "2026-01-01T00:00:00Z");
  declare(2);
  member1.clusterIs(listed(three.slice(1)));
  expect(await member1.start("join")).toBe(0);
  expect(member1.marked).toMatchObject({ generation: 1, state: "running" });
  expect(member1.flags).toContain(`--data-dir=${dataOf(member1, 1)}`);
});

test("nothing is founded by it, and all is once an operator deletes it", async () => {
  const all = three.map(({ name }) => blank(name));
  const token = foundingOf(desired(undefined)).token;
  plant({ token: "prod-1-x", restore: undefined }, 1);
  const first = all.map((each) => each.start("join"));
  for (const each of all)
    await each.says(`waiting: a quorum of the other members; ${generation(1)} does not follow from`);
  store.values.delete(generation(1));
  // Then systemd starts it again.
  expect(await Promise.all(first)).toEqual([3, 3, 3]);
  expect(await Promise.all(all.map((each) => each.start("join")))).toEqual([0, 0, 0]);
  for (const each of all) expect(each.flags).toContain(`--initial-cluster-token=${token}`);
});

test("a generation that a majority started in goes on, though older programs wrote its record", async () => {
  const member1 = running("member1");
  plant({ token: "prod-2-0123456789abcdef" });
  declare(2);
  watch(member1);
  await member1.says("does not follow from");
  for (const name of ["member2", "member3"])
    store.values.set(`${generation(2)}/started/${name}`, "2026-01-01T00:00:00Z");
  await until("member1 to stop", () => Promise.resolve(asked(member1)));
});

test("where what is declared of the generation is read too early, nothing begins", async () => {
  const member1 = running("member1");
  declare(2);
  store.values.delete("/etcd/prod/founding/2");
  watch(member1);
  await member1.says("waiting: /etcd/prod/founding/2 to be declared");
  await goesOn(member1);
});

test.each([
  ["sha256", { sha256: "1".repeat(64) }],
  ["versionId", { versionId: "another" }],
])("no record is made where the snapshot has another %s than is declared", async (what, bound) => {
  const member1 = running("member1");
  store.values.set("/etcd/prod/founding/2", JSON.stringify({ ...founding(), ...bound }));
  declare(2);
  watch(member1);
  await member1.says(`refused: restore: what lies there is not what is declared: ${what} `);
  expect(store.values.has(generation(2))).toBe(false);
  await goesOn(member1);
});
