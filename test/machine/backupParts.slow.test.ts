import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { randomBytes } from "node:crypto";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { noMoto, startMoto, type Moto } from "../fixtures/moto";
import { backingUp, spec } from "./fixtures/backingUp";
import { realEtcd, takeSnapshot } from "./fixtures/realEtcd";

jest.setTimeout(600_000);

(noMoto === undefined ? describe : describe.skip)("on moto, which puts parts together as S3 does", () => {
  let moto: Moto;
  let directory: string;
  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), "backup-parts-"));
    moto = await startMoto();
    await ask("backups", { method: "PUT", body: constraint });
  });
  afterAll(async () => {
    await moto.stop();
    rmSync(directory, { recursive: true });
  });

  const constraint =
    "<CreateBucketConfiguration><LocationConstraint>eu-central-1</LocationConstraint></CreateBucketConfiguration>";
  const ask = (path: string, init?: RequestInit) =>
    fetch(`${moto.environment.AWS_ENDPOINT_URL}/${path}`, init);

  test("a snapshot in three parts is there whole", async () => {
    const etcd = await realEtcd(spec.version);
    const snapshot = join(directory, "snapshot.db");
    // Parts have at least 5 MiB, the last one apart.
    const keys = Array.from({ length: 120 }, (_, n) => [
      `/registry/${n}`,
      randomBytes(48_000).toString("hex"),
    ]);
    await takeSnapshot(etcd, snapshot, Object.fromEntries(keys) as Record<string, string>);
    const machine = backingUp("member1", etcd, snapshot);
    const environment = {
      AWS_ENDPOINT_URL_S3: moto.environment.AWS_ENDPOINT_URL!,
      PART_BYTES: String(5 * 1024 * 1024),
    };
    expect(await machine.start("backup", environment)).toBe(0);
    const listed = await (await ask("backups?list-type=2&prefix=snapshots/")).text();
    const key = /<Key>([^<]*)/.exec(listed)![1]!;
    const object = Buffer.from(await (await ask(`backups/${key}`)).arrayBuffer());
    expect(object.equals(readFileSync(snapshot))).toBe(true);
    expect(object.length).toBeGreaterThan(10 * 1024 * 1024);
    expect(listed).toMatch(/<ETag>.*-3/);
  });
});
