import type { Aws } from "../../../aws/clients";
import { backupStamp, incarnationKeys } from "../../../contract/paths";
import { awsOf } from "../../../operate/aws";
import { requestBackup } from "../../../operate/backups/request";
import { BackupBucket } from "../../../operate/backups/bucket";
import type { Declaration } from "../../../operate/verify/declaration";
import { evidenceOf } from "../../../operate/verify/evidence";
import { judge } from "../../../operate/verify/judge";
import type { ClusterSpec } from "../../../spec";
import { samples } from "../../contract/samples";
import { AwsStandIn } from "../../fixtures/awsStandIn";
import { healthyStatus } from "../../fixtures/statuses";

/** AWS as its clock has it, which is an hour off from this computer's. */
const standIn = new AwsStandIn();
const hour = 3_600_000;
const before = { ...process.env };
const { signal } = new AbortController();
const desired = { ...samples.desired[1], incarnation: "key", generation: 1 };
const keys = incarnationKeys("prod", "key");
let aws: Aws;

beforeAll(async () => {
  const credentials = { AWS_ACCESS_KEY_ID: "test", AWS_SECRET_ACCESS_KEY: "test" };
  Object.assign(process.env, { AWS_ENDPOINT_URL: await standIn.start(), ...credentials });
  aws = awsOf({ stackFile: "Pulumi.prod.yaml", config: { "aws:region": "eu-central-1" } });
});
afterAll(async () => {
  process.env = before;
  await standIn.stop();
});
beforeEach(() => standIn.reset());

describe.each([
  ["behind", -hour],
  ["before", hour],
])("where AWS' clock is an hour %s this computer's", (_, off) => {
  beforeEach(() => {
    standIn.now = Math.floor(Date.now() / 1000) * 1000 + off;
    put("/etcd/prod/desired", desired);
    const tags = { "etcd:cluster": "prod", "etcd:member": "member1" };
    const launched = standIn.now - hour;
    standIn.instances.push({ id: "i-1", state: "running", address: "10.0.1.11", launched, tags });
  });

  const put = (name: string, value: unknown, age = 0) =>
    standIn.parameters.set(name, { value: JSON.stringify(value), modified: standIn.now - age });

  async function memberCauses(age: number): Promise<string[]> {
    const time = new Date(standIn.now - age).toISOString();
    put(`${keys.statuses}/member1`, { ...healthyStatus("member1", 1), instance: "i-1", time }, age);
    const [first] = desired.members;
    const declaration = {
      ...{ stack: "prod", cluster: "prod", version: "3.6.16", certificates: [], backupInterval: 30 },
      desired: { ...desired, members: [{ ...first, name: "member1" }] },
    } as unknown as Declaration;
    const checks = judge(declaration, await evidenceOf(declaration, aws, signal));
    return checks.flatMap(({ check, causes }) => (check === "member" ? causes : []));
  }

  test("verify finds a fresh status fresh, and an old one old", async () => {
    expect(await memberCauses(10_000)).toEqual([]);
    expect(await memberCauses(121_000)).toEqual([
      "last heard of 2 min ago: its machine is down or does not reach AWS",
    ]);
  });

  test("a backup is asked for as of AWS' clock, and one as young as that is an answer", async () => {
    await evidenceOf({ cluster: "prod", certificates: [] } as unknown as Declaration, aws, signal);
    const stamp = backupStamp(new Date(standIn.now));
    const modified = standIn.now;
    standIn.objects.set(`backups/manifests/${stamp}.json`, { body: "", modified });
    const bucket = new BackupBucket(aws.s3, "backups", signal);
    const spec = { cluster: "prod" } as ClusterSpec;
    const progress = () => {
      throw new Error("it waits");
    };
    await requestBackup({ spec, incarnation: "key", bucket }, aws, progress, signal);
    expect(standIn.asked).toContain("PutParameter");
  });
});
