import { createHash } from "node:crypto";
import { readdirSync } from "node:fs";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DeleteObjectCommand, ListObjectVersionsCommand } from "@aws-sdk/client-s3";
import type { BackupManifest } from "../../../contract/records";
import type { Aws } from "../../../aws/clients";
import { awsOf } from "../../../operate/aws";
import { backups, type BackupReport } from "../../../operate/backups/backups";
import { parametersNamed } from "../../../operate/parameters";
import { record } from "../../../record";
import { loadStack } from "../../../record/project";
import { Account } from "../../fixtures/account";
import { runCommand } from "../../fixtures/commands";
import { root } from "../../fixtures/declarations";
import { noMoto, startMoto, type Moto } from "../../fixtures/moto";
import { takeSnapshot, type Snapshot } from "../../fixtures/snapshot";

// The first may build etcd and install moto.
jest.setTimeout(600_000);

test("wrong usage ends with exit code 2", async () => {
  const { code, stderr } = await runCommand("backups", ["--verify", "all"]);
  expect([code, stderr]).toEqual([
    2,
    "backups: option '--verify [count]' argument 'all' is invalid. must be a number of backups, 1 or more.\n",
  ]);
});

(noMoto === undefined ? describe : describe.skip)(`against moto${noMoto ? ` (${noMoto})` : ""}`, () => {
  const program = loadStack(root, "prod");
  const { signal } = new AbortController();
  let moto: Moto;
  let aws: Aws;
  let account: Account;
  let snapshot: Snapshot;

  // Scratch directories of these tests alone.
  const home = mkdtempSync(join(tmpdir(), "backups-test-"));
  afterAll(() => rmSync(home, { recursive: true }));

  beforeAll(async () => {
    snapshot = await takeSnapshot("3.6.16", 3);
    moto = await startMoto();
    Object.assign(process.env, moto.environment, { TMPDIR: home });
    aws = awsOf(program);
    account = await Account.deployed(aws, await record(program), "prod");
  });
  afterAll(() => moto.stop());
  beforeEach(async () => {
    const { Versions, DeleteMarkers } = await aws.s3.send(
      new ListObjectVersionsCommand({ Bucket: account.bucket }),
    );
    for (const { Key, VersionId } of [...(Versions ?? []), ...(DeleteMarkers ?? [])])
      await aws.s3.send(new DeleteObjectCommand({ Bucket: account.bucket, Key, VersionId }));
  });
  afterEach(() => expect(readdirSync(home)).toEqual([]));

  function put(changed: Partial<BackupManifest> = {}, content = snapshot.content): Promise<BackupManifest> {
    return account.putBackup(content, { ...snapshot.facts, ...changed });
  }

  /** The states of what is in the bucket, the newest first. */
  async function states(verify = 0): Promise<string[]> {
    const progress = () => undefined;
    const report = await backups({ program, aws, now: false, verify, progress, signal });
    return report.backups.map(({ state }) => state);
  }

  test("what is in the bucket is listed, the newest first, and what counts is named", async () => {
    const older = await put({ time: "2026-11-24T21:30:00Z" });
    const newer = await put({ time: "2026-11-24T22:00:00Z", member: "member4" });
    await account.putObject("snapshots/20261124T220500Z.db", "half of an upl");
    const { code, stdout } = await runCommand("backups", []);
    const { revision, totalKeys, hash } = snapshot.facts;
    const lines = stdout
      .trimEnd()
      .split("\n")
      .filter((line) => line !== "");
    expect(lines[0]).toMatch(/^TAKEN +MEMBER +GENERATION +REVISION +KEYS +SIZE +HASH +STATE +SNAPSHOT$/);
    expect(lines[1]).toMatch(/ no manifest \(14 bytes\) +snapshots\/20261124T220500Z\.db$/);
    expect(lines[2]).toMatch(
      new RegExp(
        `^2026-11-24T22:00:00Z +member4 +1 +${revision} +${totalKeys} +0\\.0 MiB +${hash.toString(16)} +good +${newer.snapshot}$`,
      ),
    );
    expect(lines[3]).toMatch(new RegExp(`^2026-11-24T21:30:00Z +member2 .* good +${older.snapshot}$`));
    expect(lines[4]).toMatch(
      `Newest that counts: s3://${account.bucket}/${newer.snapshot}, sha256: ${newer.sha256}`,
    );
    expect(code).toBe(0);
  });

  test("a bucket without a backup that counts ends with exit code 1", async () => {
    await account.putObject("snapshots/20261124T220500Z.db", "half of an upl");
    const { code, stdout } = await runCommand("backups", ["--json"]);
    const report = JSON.parse(stdout) as BackupReport;
    expect([code, report.ok]).toEqual([1, false]);
    expect(report.backups.map(({ key, state }) => [key, state])).toEqual([
      ["snapshots/20261124T220500Z.db", "no manifest"],
    ]);
  });

  test("a snapshot that is gone, one of another size and a manifest that is none are told apart", async () => {
    await put({ snapshot: "snapshots/gone.db", time: "2026-11-24T22:00:00Z" });
    const { snapshot: Key } = await put({ size: 1, time: "2026-11-24T21:00:00Z" });
    expect(Key).toMatch(/^snapshots\//);
    await account.putObject("manifests/20261124T230000Z.json", "{");
    expect((await states()).filter((state) => state !== "no manifest")).toEqual([
      "snapshot missing",
      "size differs",
      "manifest unreadable",
    ]);
  });

  test("a snapshot that was deleted by mistake is had back by its version", async () => {
    const { Key, VersionId } = await account.putSnapshot(snapshot.content);
    await account.putManifest({ ...snapshot.facts, snapshot: Key, versionId: VersionId });
    await aws.s3.send(new DeleteObjectCommand({ Bucket: account.bucket, Key }));
    expect(await states(1)).toEqual(["verified"]);
  });

  test("--verify proves the newest so many from the bucket alone", async () => {
    await put({ time: "2026-11-24T21:00:00Z" });
    await put({ time: "2026-11-24T22:00:00Z" });
    const { code, stdout } = await runCommand("backups", ["--verify", "--json"]);
    const report = JSON.parse(stdout) as BackupReport;
    expect([code, report.backups.map(({ state }) => state)]).toEqual([0, ["verified", "good"]]);
    expect(await states(2)).toEqual(["verified", "verified"]);
  });

  test.each<[string, string, () => Promise<unknown>]>([
    ["a flipped byte, whose manifest is right", "hash differs", () => put({}, flipped(snapshot.content))],
    [
      "a flipped byte, whose manifest agrees with it",
      "cannot be restored",
      () => {
        // In the hash that ends the snapshot, which only a restore looks at.
        const content = flipped(snapshot.content, snapshot.content.length - 1);
        return put({ sha256: createHash("sha256").update(content).digest("hex") }, content);
      },
    ],
    [
      "no snapshot at all",
      "damaged",
      () => {
        const content = Buffer.from("no store of etcd");
        const sha256 = createHash("sha256").update(content).digest("hex");
        return put({ sha256, size: content.length }, content);
      },
    ],
    ["another snapshot than its manifest says", "damaged", () => put({ revision: 999 })],
  ])("--verify finds %s: %s", async (_, state, broken) => {
    await broken();
    const progress = () => undefined;
    const report = await backups({ program, aws, now: false, verify: 1, progress, signal });
    expect([report.ok, report.backups.map((each) => each.state)]).toEqual([false, [state]]);
  });

  test("--now asks the members and waits for a backup as young as that", async () => {
    await put({ time: new Date(Date.now() - 3_600_000).toISOString() }, snapshot.content);
    const told: string[] = [];
    const progress = (text: string) => {
      told.push(text);
      if (text.startsWith("asked")) void put();
    };
    const report = await backups({ program, aws, now: true, verify: 0, progress, signal });
    expect(report.backups.map(({ state }) => state)).toEqual(["good", "good"]);
    const name = `/etcd/prod/incarnations/${account.incarnation}/requests/backup`;
    const [request] = await parametersNamed(aws.ssm, [name], signal);
    expect(request!.value).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
    expect(told.at(-1)).toBe("asked the members for a backup, at most 30 min");
  });

  test("--now tells what members say of a backup that fails, and ends when interrupted", async () => {
    const interrupted = new AbortController();
    const told: string[] = [];
    const progress = (text: string) => {
      told.push(text);
      if (told.at(-2)?.startsWith("asked")) return interrupted.abort(new Error("by the user"));
      const time = new Date(Date.now() + 1000).toISOString();
      if (text.startsWith("asked")) void account.putStatus("member3", { message: "backup failed: x", time });
    };
    const waiting = backups({ program, aws, now: true, verify: 0, progress, signal: interrupted.signal });
    await expect(waiting).rejects.toThrow("by the user");
    expect(told.at(-1)).toBe("asked the members for a backup, at most 30 min; member3: backup failed: x");
    await account.heal();
  });

  test("a stack that was never deployed ends with exit code 1 and says so", async () => {
    const { code, stderr } = await runCommand("backups", ["--stack", "dev"]);
    expect(code).toBe(1);
    expect(stderr).toContain("stack dev was never deployed here: there is no /etcd/dev/desired");
  });
});

function flipped(content: Buffer, at = Math.floor(content.length / 2)): Buffer {
  const copy = Buffer.from(content);
  copy[at] = copy[at]! ^ 1;
  return copy;
}
