import { createHash } from "node:crypto";
import { version } from "./fixtures/bucket";
import { store } from "./fixtures/machines";
import { backup, declare, flipped, record, running, snapshot, type Restore } from "./fixtures/restoring";

describe("the snapshot", () => {
  const resolved = async (restore: Restore = {}) => {
    const member1 = running("member1");
    declare(restore);
    const status = await member1.start("generation");
    return { status, log: member1.log, restore: status === 0 ? record(2).restore : undefined };
  };

  test("latest is the newest whose manifest and bytes are both there", async () => {
    store.bucket.page = 2;
    const ago = (days: number) =>
      `${new Date(Date.now() - days * 86_400_000).toISOString().slice(0, 19).replace(/[-:]/g, "")}Z`;
    for (const days of [5, 20, 30, 40]) backup(ago(days));
    const [gone, unproved, newest] = [ago(3), ago(4), ago(5)];
    backup(gone);
    store.bucket.objects.delete(`snapshots/${gone}.db`);
    store.bucket.objects.set(`snapshots/${unproved}.db`, snapshot);
    expect((await resolved()).restore!.key).toBe(`snapshots/${newest}.db`);
  });

  test("latest is the one that was declared of the generation, where a newer one came", async () => {
    const [declared, newer] = ["20260301T000000Z", "20260302T000000Z"];
    const member1 = running("member1");
    [declared, newer].forEach((time) => backup(time));
    declare({});
    const founding = JSON.parse(store.values.get("/etcd/prod/founding/2")!) as object;
    const place = `s3://backups/snapshots/${declared}.db`;
    store.values.set("/etcd/prod/founding/2", JSON.stringify({ ...founding, snapshot: place }));
    expect(await member1.start("generation")).toBe(0);
    expect(record(2).restore!.key).toBe(`snapshots/${declared}.db`);
  });

  test("latest is refused where none counts", async () => {
    store.bucket.objects.set("snapshots/20260301T000000Z.db", snapshot);
    const { status, log } = await resolved();
    expect([status, store.written]).toEqual([3, []]);
    expect(log).toContain("s3://backups has no manifest whose snapshot is there");
  });

  test("latest is no older one because the bucket does not answer for the newest", async () => {
    backup("20260301T000000Z");
    store.bucket.failures = { "manifests/2": { status: 503, code: "SlowDown" } };
    const { status, log } = await resolved();
    expect([status, store.written]).toEqual([1, []]);
    expect(log).toContain("waiting: s3://backups/manifests/20260301T000000Z.json: 503");
  });

  test("by its place has its manifest's hash, version and revision", async () => {
    backup("20260301T000000Z", { revision: 7 });
    const { restore } = await resolved({ snapshot: "s3://backups/snapshots/20260301T000000Z.db" });
    expect(restore).toMatchObject({ versionId: version(snapshot), revision: 7 });
  });

  test("of another tool has no manifest: the first machine says what every one is held to", async () => {
    store.bucket.objects.set("kops/of main=1.db", snapshot);
    const { restore } = await resolved({ snapshot: "s3://backups/kops/of main=1.db" });
    expect(restore).toMatchObject({
      bucket: "backups",
      key: "kops/of main=1.db",
      versionId: version(snapshot),
      sha256: createHash("sha256").update(snapshot).digest("hex"),
      size: snapshot.length,
      revision: 3,
      etcdVersion: "3.6.0",
    });
  });

  test.each<[string, () => Buffer]>([
    ["that is none", () => Buffer.from("not found")],
    ["that is truncated", () => snapshot.subarray(0, snapshot.length / 2)],
    ["that has one flipped bit, which `snapshot status` lets pass", () => flipped(snapshot)],
  ])("%s is refused", async (_, content) => {
    store.bucket.objects.set("kops/main", content());
    const { status, log } = await resolved({ snapshot: "s3://backups/kops/main" });
    expect([status, store.written]).toEqual([3, []]);
    expect(log).toContain("s3://backups/kops/main is no snapshot of etcd, or damaged");
  });

  test("of a newer minor than the declared etcd is refused", async () => {
    backup("20260301T000000Z", { etcdVersion: "3.7.3" });
    const { status, log } = await resolved();
    expect([status, store.written]).toEqual([3, []]);
    expect(log).toContain(
      "restore.snapshot was taken of etcd 3.7.3, which is newer than the declared 3.6.16",
    );
  });

  test("of an older minor is taken", async () => {
    backup("20260301T000000Z", { etcdVersion: "3.5.35" });
    expect((await resolved()).status).toBe(0);
  });
});
