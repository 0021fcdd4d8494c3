import { DeleteObjectCommand } from "@aws-sdk/client-s3";
import type { Aws } from "../../../aws/clients";
import { AwsError, awsOf } from "../../../operate/aws";
import { record } from "../../../record";
import { loadStack } from "../../../record/project";
import type { Recording } from "../../../record/recording";
import { declarationOf } from "../../../operate/verify/declaration";
import { evidenceOf } from "../../../operate/verify/evidence";
import { judge } from "../../../operate/verify/judge";
import { verify, type Verification } from "../../../operate/verify/verify";
import { Account } from "../../fixtures/account";
import { runCommand } from "../../fixtures/commands";
import { root } from "../../fixtures/declarations";
import { noMoto, startMoto, type Moto } from "../../fixtures/moto";

// The first may install moto.
jest.setTimeout(600_000);

test("a command without credentials ends with exit code 2 and says what to set", async () => {
  const nowhere = { PATH: process.env.PATH, HOME: "/nowhere", AWS_EC2_METADATA_DISABLED: "true" };
  const { code, stdout, stderr } = await runCommand("verify", [], root, nowhere);
  expect([code, stdout]).toEqual([2, ""]);
  expect(stderr).toContain("read /etcd/prod/desired: no AWS credentials that count");
  expect(stderr).not.toMatch(/^ +at /m);
});

test("wrong usage ends with exit code 2", async () => {
  const { code, stderr } = await runCommand("verify", ["--wait", "soon"]);
  expect([code, stderr]).toEqual([
    2,
    "verify: option '--wait <minutes>' argument 'soon' is invalid. must be whole minutes, 0 to 9999.\n",
  ]);
});

// moto answers in AWS' place; it cannot be told of a target's health, which judge.test.ts covers.
(noMoto === undefined ? describe : describe.skip)(`against moto${noMoto ? ` (${noMoto})` : ""}`, () => {
  const program = loadStack(root, "prod");
  const { signal } = new AbortController();
  let moto: Moto;
  let aws: Aws;
  let recording: Recording;
  let account: Account;

  beforeAll(async () => {
    moto = await startMoto();
    Object.assign(process.env, moto.environment);
    aws = awsOf(program);
    recording = await record(program);
    account = await Account.deployed(aws, recording, "prod");
    await account.putBackup(Buffer.from("a snapshot"));
  });
  afterAll(() => moto.stop());
  beforeEach(() => account.heal());

  async function causes(): Promise<string[]> {
    const declaration = declarationOf(recording);
    return judge(declaration, await evidenceOf(declaration, aws, signal)).flatMap(({ subject, causes }) =>
      causes.map((cause) => `${subject}: ${cause}`),
    );
  }

  test("roles that the stack assumes are assumed", async () => {
    const roleArn = "arn:aws:iam::123456789012:role/deploys-etcd";
    const config = { ...program.config, "aws:assumeRoles": JSON.stringify([{ roleArn }]) };
    const { accessKeyId, sessionToken } = await awsOf({ ...program, config }).ssm.config.credentials();
    expect(accessKeyId).not.toBe(process.env.AWS_ACCESS_KEY_ID);
    expect(sessionToken).toBeTruthy();
  });

  test("a cluster that is as declared ends with exit code 0, and no key is told", async () => {
    const { code, stdout } = await runCommand("verify", ["--json"]);
    const verification = JSON.parse(stdout) as Verification;
    expect(verification.checks.filter(({ causes }) => causes.length > 0)).toEqual([]);
    expect([code, verification.ok]).toEqual([0, true]);
    const members = [1, 2, 3, 4, 5].map((number) => `member${number}`);
    const subjects = (check: string) =>
      verification.checks.filter((each) => each.check === check).map(({ subject }) => subject);
    expect(subjects("member")).toEqual(members);
    expect(subjects("load balancer")).toEqual(members);
    expect(subjects("certificates")).toEqual(expect.arrayContaining(["apiserver", ...members]));
    expect(Object.keys(verification.evidence.certificates).filter((name) => !name.endsWith(".crt"))).toEqual(
      [],
    );
    expect(stdout).not.toContain("BEGIN");
  });

  test("each cause is named, and the exit code is 1", async () => {
    await account.putStatus("member2", { ready: false, version: "", message: "disk full" });
    await account.putStatus("member6");
    await account.putDesired({ generation: 2 });
    const { code, stdout, stderr } = await runCommand("verify", []);
    expect(code).toBe(1);
    expect(stdout.split("\n").filter((line) => line.startsWith("! "))).toEqual([
      "! record prod: generation: declared 1, deployed 2; run pulumi up",
      "! record prod: what generation 2 is declared as is not in Parameter Store; run pulumi up",
      "! member member2: etcd is not ready: disk full",
      "! member member6: is not declared, and reports still",
    ]);
    expect(stdout).toMatch(/^FAILED +member +member2 /m);
    expect(stdout).toMatch(/^ok +member +member3 +voter 8e9e05c521646942, etcd 3\.6\.16, generation 1/m);
    expect(stderr).toContain("stack prod: 3 of ");
  });

  test("--wait waits for the last machine of a roll, and says for what", async () => {
    await account.putStatus("member5", { etcd: "activating", message: "waiting: binaries" });
    const told: string[] = [];
    const progress = (text: string) => {
      told.push(text);
      if (text.startsWith("waiting")) void account.putStatus("member5");
    };
    const verification = await verify({ program, aws, wait: 5, progress, signal });
    expect(verification.ok).toBe(true);
    expect(told.at(-1)).toBe("waiting: member5 etcd.service is activating: waiting: binaries");
  });

  test("--wait does not wait for what time does not mend", async () => {
    await account.putDesired({ generation: 2 });
    const told: string[] = [];
    const progress = (text: string) => told.push(text);
    const verification = await verify({ program, aws, wait: 5, progress, signal });
    expect(verification.ok).toBe(false);
    expect(told.filter((text) => text.startsWith("waiting"))).toEqual([]);
  });

  test("an interrupted wait ends at once", async () => {
    await account.putStatus("member5", { voter: false });
    const interrupted = new AbortController();
    const progress = (text: string) => {
      if (text.startsWith("waiting")) interrupted.abort(new Error("by the user"));
    };
    const waiting = verify({ program, aws, wait: 60, progress, signal: interrupted.signal });
    await expect(waiting).rejects.toThrow("by the user");
  });

  test("what a former machine said last does not count once there is a new one", async () => {
    const former = account.instanceOf("member5");
    await account.terminate("member5");
    expect(await causes()).toEqual([
      expect.stringMatching(/^member5: has no machine, last heard of \d+ s ago$/) as string,
    ]);
    const instance = await account.run("member5");
    expect(await causes()).toEqual([
      `member5: its machine is ${instance}, last heard of is ${former}: the new one has not reported yet`,
    ]);
    await account.putStatus("member5");
    expect(await causes()).toEqual([]);
  });

  test("a record that breaks its schema is named with its key, and stalls nothing else", async () => {
    const path = `/etcd/prod/incarnations/${account.incarnation}`;
    await account.putStatus("member4", { voter: "yes" });
    await account.putStatus("member5", { ready: false });
    expect(await causes()).toEqual([
      `member4: its status record counts for nothing: ${path}/status/member4: voter "yes" must be of type boolean`,
      "member5: etcd is not ready: promoted to voter",
    ]);
    await account.putDesired({ generation: 1.5 });
    expect(await causes()).toContainEqual(
      expect.stringMatching(/^prod: \/etcd\/prod\/desired: generation 1\.5 /) as string,
    );
  });

  test("manifests of another incarnation do not speak for this cluster", async () => {
    await account.putObject("manifests/99991231T235959Z.json", JSON.stringify({ incarnation: "another" }));
    await account.putObject("manifests/99991231T235958Z.json", "no JSON");
    expect(await causes()).toEqual([]);
  });

  test("a bucket that is gone is no cause of the cluster's but an error of its own", async () => {
    await account.putDesired({ backups: { interval: 30, bucket: "prod-etcd-backups-gone" } });
    await expect(causes()).rejects.toThrow(AwsError);
    await expect(causes()).rejects.toThrow("s3://prod-etcd-backups-gone: ");
  });

  test("the snapshot of the newest manifest is looked for", async () => {
    const { snapshot } = await account.putBackup(Buffer.from("another snapshot"));
    await aws.s3.send(new DeleteObjectCommand({ Bucket: account.bucket, Key: snapshot }));
    expect(await causes()).toEqual([`${account.bucket}: its snapshot ${snapshot} is not in the bucket`]);
  });
});
