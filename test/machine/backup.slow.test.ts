import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { backupStamp } from "../../contract/paths";
import { desiredRecord, type BackupManifest } from "../../contract/records";
import { until } from "../../rehearse/until";
import type { EtcdBinaries } from "../../tools/etcd";
import { backingUp, members, spec } from "./fixtures/backingUp";
import { manifestOf, putBackup } from "./fixtures/backups";
import { version } from "./fixtures/bucket";
import { incarnation, type Machine } from "./fixtures/machine";
import { machines, store } from "./fixtures/machines";
import { realEtcd, takeSnapshot } from "./fixtures/realEtcd";

const now = Date.UTC(2026, 2, 1, 0, 10) / 1000;
const request = `/etcd/prod/incarnations/${incarnation}/requests/backup`;

// Real restores, and on a first run etcd is built.
jest.setTimeout(600_000);

let directory: string;
let snapshot: string;
let etcd: EtcdBinaries;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), "backup-test-"));
  snapshot = join(directory, "snapshot.db");
  etcd = await realEtcd(spec.version);
  await takeSnapshot(etcd, snapshot, { "/registry/a": "1", "/registry/b": "2".repeat(10_000) });
});

afterAll(() => rmSync(directory, { recursive: true }));

function machine(name = "member1"): Machine {
  const made = backingUp(name, etcd, snapshot);
  made.now = now;
  return made;
}

/** Where a snapshot that is taken now goes. */
const taken = "snapshots/20260301T001000Z.db";
const keys = (folder: string) => store.bucket.put.filter((key) => key.startsWith(`${folder}/`));
const failures = () =>
  store.metrics.filter(({ name }) => name === "BackupFailures").map(({ value }) => value);

/** Another snapshot, made of the good one. */
function damaged(change: (bytes: Buffer) => Buffer): string {
  const file = join(directory, "damaged.db");
  writeFileSync(file, change(readFileSync(snapshot)));
  return file;
}

describe("a backup", () => {
  test("is claimed, proved and put into the bucket, its manifest last", async () => {
    expect(await machine().start("backup")).toBe(0);
    const [claim, key, manifest] = store.bucket.put as [string, string, string];
    expect(claim).toBe("claims/20260301T000000Z/0");
    expect(key).toBe("snapshots/20260301T001000Z.db");
    expect(manifest).toBe("manifests/20260301T001000Z.json");
    const bytes = readFileSync(snapshot);
    expect(store.bucket.objects.get(key)!.equals(bytes)).toBe(true);
    expect(JSON.parse(store.bucket.objects.get(manifest)!.toString())).toEqual({
      version: 1,
      snapshot: key,
      versionId: version(bytes),
      sha256: createHash("sha256").update(bytes).digest("hex"),
      size: bytes.length,
      cluster: "prod",
      incarnation,
      generation: 1,
      etcdVersion: "3.6.16",
      hash: expect.any(Number) as number,
      revision: 3,
      totalKeys: 2,
      totalSize: expect.any(Number) as number,
      seconds: expect.any(Number) as number,
      member: "member1",
      time: "2026-03-01T00:10:00Z",
    } satisfies BackupManifest);
    expect(store.metrics.map(({ name, value, cluster }) => [name, value, cluster])).toEqual([
      ["BackupFailures", 0, "prod"],
      ["BackupSize", bytes.length, "prod"],
      ["BackupAge", 0, "prod"],
    ]);
    expect(machines[0]!.has("/var/lib/etcd/backup")).toBe(false);
  });

  test("larger than S3 takes in one request goes there in parts, each signed", async () => {
    const bytes = readFileSync(snapshot);
    const PART_BYTES = String(Math.ceil(bytes.length / 3) + 1);
    expect(await machine().start("backup", { PART_BYTES })).toBe(0);
    const [key] = keys("snapshots") as [string];
    expect(store.bucket.objects.get(key)!.equals(bytes)).toBe(true);
    const [manifest] = keys("manifests") as [string];
    expect(JSON.parse(store.bucket.objects.get(manifest)!.toString())).toMatchObject({
      versionId: version(bytes),
      sha256: createHash("sha256").update(bytes).digest("hex"),
      size: bytes.length,
    });
  });

  test("is one a period, however many members try at once", async () => {
    const all = spec.members.map(({ name }) => machine(name));
    expect(await Promise.all(all.map((each) => each.start("backup")))).toEqual([0, 0, 0, 0, 0]);
    expect(await Promise.all(all.map((each) => each.start("backup")))).toEqual([0, 0, 0, 0, 0]);
    expect([keys("claims"), keys("snapshots"), keys("manifests")].map(({ length }) => length)).toEqual([
      1, 1, 1,
    ]);
  });

  test("whose claimant died is made by another once its time is over", async () => {
    const member1 = machine();
    store.bucket.objects.set("claims/20260301T000000Z/0", Buffer.from("{}"));
    expect(await member1.start("backup")).toBe(0);
    expect(keys("snapshots")).toEqual([]);
    member1.now = now + 1800;
    expect(await member1.start("backup")).toBe(0);
    expect(keys("claims")).toEqual(["claims/20260301T000000Z/1"]);
    expect(keys("manifests")).toEqual(["manifests/20260301T004000Z.json"]);
  });

  test("is owed while a manifest of its period stands for none, and no longer", async () => {
    const bytes = readFileSync(snapshot);
    const forged = { ...manifestOf("20260301T000500Z", bytes), sha256: "a[$(id)]" };
    putBackup("20260301T000500Z", bytes, forged);
    expect(await machine().start("backup")).toBe(0);
    expect(keys("manifests")).toEqual(["manifests/20260301T001000Z.json"]);
    expect(await machine("member2").start("backup")).toBe(0);
    expect(keys("claims")).toHaveLength(1);
  });

  test("is taken where it cannot be read whether there is one", async () => {
    putBackup("20260301T000500Z", readFileSync(snapshot));
    store.bucket.failures = { "manifests/20260301T000500Z": { status: 403, code: "AccessDenied" } };
    expect(await machine().start("backup")).toBe(0);
    expect(keys("manifests")).toEqual(["manifests/20260301T001000Z.json"]);
  });

  test("is not taken of a member that the leader does not answer", async () => {
    const member1 = machine();
    member1.clusterIs(members.map((each) => ({ ...each, up: each.name !== "member1" })));
    expect(await member1.start("backup")).toBe(1);
    expect(member1.log).toContain("this member's etcd to be healthy: it saves no snapshot");
    expect(store.bucket.put).toEqual([]);
  });

  test("is not taken while a new generation is declared", async () => {
    const member1 = machine();
    const restore = { snapshot: "latest", generation: 2, connectedClients: "refuse" as const };
    member1.declare(desiredRecord({ ...spec, restore }, incarnation, store.bucket.name));
    expect(await member1.start("backup")).toBe(0);
    expect(store.bucket.put).toEqual([]);
  });
});

describe("nothing counts", () => {
  async function fails(member1: Machine, said: string): Promise<void> {
    expect(await member1.start("backup")).toBe(1);
    expect(member1.log).toContain(`backup failed: ${said}`);
    expect(keys("manifests")).toEqual([]);
    expect(failures()).toEqual([1]);
    expect(member1.has("/var/lib/etcd/backup")).toBe(false);
  }

  test.each([
    ["a truncated snapshot", (bytes: Buffer) => bytes.subarray(0, bytes.length / 2)],
    [
      "a flipped byte",
      (bytes: Buffer) => {
        const at = bytes.lastIndexOf("22222222") + 1;
        bytes[at] = bytes[at]! ^ 1;
        return bytes;
      },
    ],
  ])("of %s", async (_, change) => {
    const member1 = machine();
    member1.snapshot = damaged(change);
    await fails(member1, "the snapshot cannot be restored");
    expect(keys("snapshots")).toEqual([]);
  });

  test("where etcd gives out none", async () => {
    const member1 = machine();
    member1.snapshot = undefined;
    await fails(member1, "etcd's snapshot could not be saved");
  });

  test("where the volume has no room for the proof", async () => {
    const member1 = machine();
    member1.pretend("df", "echo Avail; echo 1000000");
    await fails(member1, "it needs 260 MiB on the data volume, which has 0 MiB free");
  });

  test("of what S3 refuses, the snapshot or its manifest", async () => {
    store.bucket.failures = { "snapshots/": { status: 400, code: "BadDigest" } };
    await fails(machine(), "s3://backups/snapshots/");
    expect(machines[0]!.log).toContain("400 BadDigest");
    store.metrics.length = 0;
    store.bucket.objects.clear();
    store.bucket.failures = { "manifests/2": { status: 503, code: "SlowDown" } };
    await fails(machine("member2"), "s3://backups/manifests/");
  });

  test.each([
    ["is there already", "412 PreconditionFailed", () => store.bucket.objects.set(taken, Buffer.from("x"))],
    ["lost a part", "InvalidPart", () => (store.bucket.losesParts = true)],
  ])("of a snapshot in parts that %s", async (_, said, spoil) => {
    spoil();
    const member1 = machine();
    expect(await member1.start("backup", { PART_BYTES: "10000" })).toBe(1);
    expect(member1.log).toContain(`backup failed: s3://backups/${taken}: `);
    expect(member1.log).toContain(said);
    expect([keys("snapshots"), keys("manifests"), failures()]).toEqual([[], [], [1]]);
  });

  test("while the bucket is out of reach or refuses, and nobody claims a failure", async () => {
    const member1 = machine();
    store.bucket.failures = { "": { status: 403, code: "AccessDenied" } };
    expect(await member1.start("backup")).toBe(1);
    expect(member1.log).toContain("cannot list s3://backups/manifests/: 403 AccessDenied");
    expect(store.metrics).toEqual([]);
  });

  test("and where it failed, the others go first", async () => {
    const member1 = machine();
    member1.snapshot = undefined;
    await fails(member1, "etcd's snapshot could not be saved");
    member1.snapshot = snapshot;
    const next = now + 1800 - 600;
    member1.now = next + 59;
    expect(await member1.start("backup")).toBe(0);
    expect(keys("snapshots")).toEqual([]);
    member1.now = next + 60;
    expect(await member1.start("backup")).toBe(0);
    expect(keys("manifests")).toHaveLength(1);
  });
});

describe("the watch", () => {
  const started = "systemctl start --no-block etcd-backup.service";

  test("starts a backup that is owed, and one that an operator asks for", async () => {
    const member1 = machine();
    member1.write("/run/etcd/flags", "");
    void member1.start("watch", { WATCH_INTERVAL: "100" });
    await until("a backup", () => Promise.resolve(member1.calls.includes(started)));
    expect(await member1.start("backup")).toBe(0);
    const before = member1.calls.length;
    store.values.set(request, "2026-03-01T00:10:05Z");
    member1.now = now + 20;
    await until("another", () => Promise.resolve(member1.calls.length > before));
    expect(await member1.start("backup")).toBe(0);
    expect(keys("claims")).toEqual(["claims/20260301T000000Z/0", "claims/20260301T001005Z/0"]);
    expect(keys("manifests")).toHaveLength(2);
  });
});

describe("metrics", () => {
  const put = () => Object.fromEntries(store.metrics.map(({ name, value }) => [name, value]));
  const backup = (hoursAgo: number) => {
    const time = backupStamp(new Date(now * 1000 - hoursAgo * 3_600_000));
    putBackup(time, readFileSync(snapshot));
  };

  test("say the store's share of its quota and the newest backup's age", async () => {
    for (const hours of [30, 2, 2.5]) backup(hours);
    store.bucket.page = 1;
    const member1 = machine();
    expect(await member1.start("metrics")).toBe(0);
    expect(put()).toEqual({
      DatabaseSize: 2_500_000,
      QuotaShare: 0,
      BackupAge: expect.any(Number) as number,
    });
    expect(Math.abs(put().BackupAge! - 7200)).toBeLessThan(120);
  });

  test("say the longest age where there is no backup, but no more than the machine has run", async () => {
    backup(24 * 30);
    const member1 = machine();
    member1.write("/proc/uptime", "600.25 1.0\n");
    await member1.start("metrics");
    member1.write("/proc/uptime", "99999999.25 1.0\n");
    await member1.start("metrics");
    expect(store.metrics.filter(({ name }) => name === "BackupAge").map(({ value }) => value)).toEqual([
      600,
      3 * 60 * 60,
    ]);
  });

  test("say nothing of a bucket that does not answer", async () => {
    store.bucket.failures = { "": { status: 403, code: "AccessDenied" } };
    expect(await machine().start("metrics")).toBe(0);
    expect(Object.keys(put())).toEqual(["DatabaseSize", "QuotaShare"]);
  });
});
