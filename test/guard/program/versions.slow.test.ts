import { manifestsPrefix } from "../../../contract/paths";
import type { BackupManifest } from "../../../contract/records";
import { ofType } from "../../../record/recording";
import { attachmentType, Deployment, members, minute, said, type Run } from "./deployment";

const deployment = new Deployment();
const { aws } = deployment;
let shared: Run;
let bucket: string;
beforeAll(async () => {
  await deployment.start();
  bucket = ofType(deployment.recording, "aws:s3/bucket:Bucket")[0]!.outputs.bucket as string;
  shared = deployment.run();
});
afterAll(async () => {
  await shared.end();
  await deployment.stop();
});
beforeEach(() => {
  deployment.healthy();
  running("3.6.14");
});

const answer = () => shared.step(attachmentType, "member1");

function running(version: string): void {
  for (const member of members) deployment.reports(member, { etcdVersion: version });
}

/** Puts a backup into the bucket that was taken so many minutes ago. */
function backup(age: number, changed: Partial<BackupManifest> = {}): void {
  const modified = aws.now - age * minute;
  const time = new Date(modified).toISOString().replace(/\.\d+/, "");
  const stamp = time.replace(/[-:]/g, "");
  const manifest: BackupManifest = {
    version: 1,
    snapshot: `snapshots/${stamp}.db`,
    sha256: "0".repeat(64),
    size: "snapshot".length,
    cluster: "prod",
    incarnation: deployment.incarnation,
    generation: 1,
    etcdVersion: "3.6.14",
    hash: 1,
    revision: 1,
    totalKeys: 1,
    totalSize: 8,
    seconds: 1,
    member: "member1",
    time,
    ...changed,
  };
  aws.objects.set(`${bucket}/${manifestsPrefix}${stamp}.json`, { body: JSON.stringify(manifest), modified });
  aws.objects.set(`${bucket}/snapshots/${stamp}.db`, { body: "snapshot", modified });
}

const noBackup =
  /version changes to 3\.6\.16, and no verified backup is younger than 60 minutes \(backups\.freshWithin\)\n.*npm run backups -- --now/;

test("it is refused without a backup, and with one that is too old", async () => {
  expect(await answer()).toMatch(noBackup);
  backup(70);
  expect(await answer()).toMatch(noBackup);
});

test.each<[string, Partial<BackupManifest>]>([
  ["another cluster's", { cluster: "other" }],
  ["another incarnation's", { incarnation: "before" }],
  ["another generation's", { generation: 2 }],
  ["of another size than its snapshot", { size: 9 }],
  ["without its snapshot", { snapshot: "snapshots/gone.db" }],
  ["without a time", { time: "" }],
])("it is refused with a backup that is %s", async (_, changed) => {
  backup(1, changed);
  expect(await answer()).toMatch(noBackup);
});

test("it is refused where the bucket cannot be read", async () => {
  aws.refusals.set("ListObjectsV2", { status: 403, code: "AccessDenied", message: "no" });
  expect(await answer()).toContain("s3:ListBucket: AccessDenied: no");
});

test("it goes with a fresh backup, which a whole roll needs once", async () => {
  backup(50);
  await deployment.during({}, async (step) => {
    expect(await step(attachmentType, "member1")).toBe("allowed");
    aws.objects.clear();
    deployment.replaced("member1", "i-0123456789abcdef1");
    deployment.reports("member1", { instance: "i-0123456789abcdef1", etcdVersion: "3.6.16" });
    expect(await step(attachmentType, "member2")).toBe("allowed");
  });
});

test("to another minor it begins with every member healthy, the first to go included", async () => {
  backup(1);
  running("3.5.35");
  deployment.reports("member1", { etcdVersion: "3.5.35", ready: false });
  expect(await answer()).toMatch(/member1: etcd is not ready there.*\n.*begins with every member healthy/);
});

test("every running member must be of a patch that the next minor takes over from", async () => {
  backup(1);
  running("3.5.35");
  deployment.reports("member4", { etcdVersion: "3.5.31" });
  expect(await answer()).toContain(
    "member4 runs 3.5.31, and 3.6.16 is declared: every member must run 3.5.32 or later of its minor first",
  );
});

test("a minor that is skipped is refused, in a preview too", async () => {
  running("3.5.35");
  for (const preview of [true, false]) {
    const step = async (step: Run["step"]) => {
      expect(await step(attachmentType, "member1")).toContain(
        "member2 runs 3.5.35, and 3.7.3 is declared: one minor version at a time",
      );
    };
    await deployment.during({ version: "3.7.3" }, step, preview);
  }
});

test("a preview tells that no backup is known, and does not fail on it", async () => {
  const recording = await deployment.during(
    {},
    async (step) => {
      expect(await step(attachmentType, "member1")).toBe("allowed");
    },
    true,
  );
  // In this preview everything is unknown that a provider answers.
  expect(said(recording)).toContain("its backups cannot be read: the name of their bucket is not known yet");
});

test("it goes back one minor, and says what that takes", async () => {
  backup(1);
  running("3.7.3");
  const recording = await deployment.during({}, async (step) => {
    expect(await step(attachmentType, "member1")).toBe("allowed");
  });
  expect(said(recording)).toContain("only once its data is migrated (etcdctl downgrade enable 3.6");
});
