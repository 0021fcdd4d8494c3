import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startAtomicS3, type AtomicS3 } from "../fixtures/atomicS3";
import { backingUp, members, spec } from "./fixtures/backingUp";
import { store } from "./fixtures/machines";
import { realEtcd, takeSnapshot } from "./fixtures/realEtcd";

const midnight = Date.UTC(2026, 2, 1) / 1000;
const hours = 5;

// It builds what it runs on, so it runs where CI is set.
const where = process.env.CI === undefined ? describe.skip : describe;
jest.setTimeout(600_000);

where("on a store whose conditional write is atomic", () => {
  let s3: AtomicS3;
  let directory: string;
  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), "backup-race-"));
    s3 = await startAtomicS3("backups");
  });
  afterAll(async () => {
    await s3.stop();
    rmSync(directory, { recursive: true });
  });

  async function keys(folder: string): Promise<string[]> {
    const answer = await fetch(`${s3.url}/backups?list-type=2&prefix=${folder}/`);
    return [...(await answer.text()).matchAll(/<Key>([^<]*)/g)].map(([, key]) => key!);
  }

  test(`five uploaders at once make one backup a period, ${hours} periods long`, async () => {
    const etcd = await realEtcd(spec.version);
    const snapshot = join(directory, "snapshot.db");
    await takeSnapshot(etcd, snapshot, { "/registry/a": "1" });
    const all = members.map(({ name }) => backingUp(name, etcd, snapshot));
    for (let hour = 0; hour < hours; hour++) {
      for (const machine of all) machine.now = midnight + hour * 3600 + 60;
      const codes = all.map((machine) => machine.start("backup", { AWS_ENDPOINT_URL_S3: s3.url }));
      expect(await Promise.all(codes)).toEqual([0, 0, 0, 0, 0]);
    }
    for (const folder of ["claims", "snapshots", "manifests"]) expect(await keys(folder)).toHaveLength(hours);
    // Who came second said so to nobody: it is no failure.
    expect(store.metrics.filter(({ name }) => name === "BackupSize")).toHaveLength(hours);
    expect(store.metrics.filter(({ name, value }) => name === "BackupFailures" && value > 0)).toEqual([]);
  });
});
