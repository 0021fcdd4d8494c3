import { RunInstancesCommand, TerminateInstancesCommand } from "@aws-sdk/client-ec2";
import { CreateTargetGroupCommand, RegisterTargetsCommand } from "@aws-sdk/client-elastic-load-balancing-v2";
import { CreateBucketCommand, PutObjectCommand } from "@aws-sdk/client-s3";
import { PutParameterCommand } from "@aws-sdk/client-ssm";
import { awsClients, type Aws } from "../../aws/clients";
import { decide } from "../../guard/decision";
import { EvidenceReader } from "../../guard/evidence";
import type { Evidence } from "../../guard/facts";
import { backupStamp } from "../../contract/paths";
import { tagNames } from "../../contract/tags";
import { noMoto, startMoto, type Moto } from "../fixtures/moto";
import { samples } from "../contract/samples";
import { address, known, minute, report } from "./facts";

/**
 * What the guard reads, read from moto, which answers as AWS does. It finds every registered target healthy
 * and forbids nothing: what else the balancer and AWS may answer is tried on a stand-in.
 */
const withMoto = noMoto === undefined ? describe : describe.skip;
if (noMoto !== undefined) test.skip(`the guard's evidence from moto: ${noMoto}`, () => undefined);

/** A time as machines write it. */
const stampOf = (time: Date) => time.toISOString().replace(/\.\d+/, "");

withMoto("evidence from moto", () => {
  const before = { ...process.env };
  let moto: Moto;
  let aws: Aws;
  const instances: Record<string, string> = {};
  let vpc: string | undefined;
  const path = "/etcd/prod/incarnations/key";

  beforeAll(async () => {
    moto = await startMoto();
    Object.assign(process.env, moto.environment);
    aws = awsClients({});
    await put("/etcd/prod/desired", { ...samples.desired[1], incarnation: "key", generation: 1 });
    for (const number of [1, 2, 3, 4, 5]) await member(`member${number}`, number);
    const members = [1, 2, 3, 4, 5].map((number) => ({
      name: `member${number}`,
      url: `https://${address(number)}:2380`,
    }));
    await put(`${path}/generations/1`, { ...samples.generation[1], members });
    await put("/etcd/prod/incarnations/before/status/member1", report("member1").status);
    await targetGroup();
    await aws.s3.send(
      new CreateBucketCommand({
        Bucket: "backups",
        CreateBucketConfiguration: { LocationConstraint: "eu-central-1" },
      }),
    );
  });
  afterAll(async () => {
    process.env = { ...before };
    await moto?.stop();
  });

  const put = (name: string, value: unknown) =>
    aws.ssm.send(
      new PutParameterCommand({ Name: name, Value: JSON.stringify(value), Type: "String", Overwrite: true }),
    );

  async function member(name: string, number: number): Promise<void> {
    const tags = {
      cluster: "prod",
      member: name,
      version: "3.6.16",
      generation: "1",
      deletionProtection: "true",
    };
    const { Instances } = await aws.ec2.send(
      new RunInstancesCommand({
        ImageId: "ami-12c6146b",
        MinCount: 1,
        MaxCount: 1,
        PrivateIpAddress: address(number),
        TagSpecifications: [
          {
            ResourceType: "instance",
            Tags: Object.entries(tags).map(([key, Value]) => ({
              Key: tagNames[key as keyof typeof tags],
              Value,
            })),
          },
        ],
      }),
    );
    const instance = (instances[name] = Instances![0]!.InstanceId!);
    vpc = Instances![0]!.VpcId;
    const status = { ...report(name).status, instance, time: stampOf(new Date()) };
    await put(`${path}/status/${name}`, status);
    await put(`${path}/generations/1/started/${name}`, "2026-11-24T20:00:00Z");
  }

  async function targetGroup(): Promise<void> {
    const { TargetGroups } = await aws.balancer.send(
      new CreateTargetGroupCommand({
        Name: "prod-etcd",
        Protocol: "TCP",
        Port: 2379,
        VpcId: vpc,
        TargetType: "ip",
      }),
    );
    const Targets = [1, 2, 3, 4, 5].map((number) => ({ Id: address(number), Port: 2379 }));
    await aws.balancer.send(
      new RegisterTargetsCommand({ TargetGroupArn: TargetGroups![0]!.TargetGroupArn, Targets }),
    );
  }

  const read = async () => {
    const evidence = await new EvidenceReader().cluster("prod", true);
    if ("problem" in evidence) throw new Error(evidence.problem);
    return evidence;
  };
  const situation = (evidence: Evidence) => {
    const made = known();
    return { ...made, target: { ...made.target, instance: instances.member1! }, evidence };
  };

  test("a healthy cluster is seen as one, and a member of it may go", async () => {
    const evidence = await read();
    expect(evidence.incarnation).toBe("key");
    expect(Math.abs(evidence.now - Date.now())).toBeLessThan(5 * minute);
    expect(evidence.machines.map(({ member, instance }) => [member, instance]).sort()).toEqual(
      Object.entries(instances),
    );
    expect(evidence.machines[0]).toMatchObject({
      state: "running",
      address: address(1),
      recorded: { version: "3.6.16", generation: 1, deletionProtection: true },
    });
    expect(evidence.reports).toHaveLength(5);
    expect(evidence.started.map(({ member }) => member).sort()).toEqual(Object.keys(instances));
    expect(evidence.founders).toHaveLength(5);
    expect(evidence.targetHealth[address(2)]).toBe("healthy");
    expect(decide(situation(evidence))).toMatchObject({ kind: "allow" });
  });

  test("a machine is known by its id, with its tags; one that never was is not", async () => {
    const reader = new EvidenceReader();
    expect(await reader.machine(instances.member2!)).toMatchObject({ cluster: "prod", member: "member2" });
    expect(await reader.machine("i-0123456789abcdef0")).toBeUndefined();
  });

  test("a record of a machine of before does not count, nor does a member whose machine was terminated", async () => {
    const status = {
      ...report("member3").status,
      instance: "i-0123456789abcdef1",
      time: stampOf(new Date()),
    };
    await put(`${path}/status/member3`, status);
    await aws.ec2.send(new TerminateInstancesCommand({ InstanceIds: [instances.member4!] }));
    expect(decide(situation(await read()))).toMatchObject({
      kind: "wait",
      problems: [
        expect.stringContaining("member3: its last report is of") as string,
        expect.stringContaining("member4: it has no machine") as string,
        "without it 2 of the other 4 voters are healthy, the quorum of 5 is 3",
      ],
    });
  });

  test("backups that are young enough are read, with whether their snapshot is there", async () => {
    const reader = new EvidenceReader();
    await reader.cluster("prod", true);
    const object = async (Key: string, Body: string) =>
      aws.s3.send(new PutObjectCommand({ Bucket: "backups", Key, Body }));
    const stamp = (age: number) => backupStamp(new Date(Date.now() - age * minute));
    const snapshot = "snapshots/20261124T220000Z.db";
    const gone = "snapshots/20261124T210000Z.db";
    await object(snapshot, "snapshot");
    const manifest = (age: number, size: number, changed: object = {}) =>
      object(
        `manifests/${stamp(age)}.json`,
        JSON.stringify({ ...samples.manifest[1], snapshot, versionId: null, size, seconds: age, ...changed }),
      );
    await manifest(70, 8);
    await manifest(30, 8);
    await manifest(20, 9);
    await manifest(15, 8, { revision: "x" });
    await manifest(10, 8, { snapshot: gone });
    const backups = await reader.backups("backups", 60);
    if ("problem" in backups) throw new Error(backups.problem);
    expect(backups.map(({ manifest, present }) => [manifest.seconds, present])).toEqual([
      [30, true],
      [20, false],
      [10, false],
    ]);
  });

  test("another cluster, which was never deployed here, cannot be judged", async () => {
    expect(await new EvidenceReader().cluster("other", false)).toMatchObject({
      problem: expect.stringContaining("ssm:GetParameter: ParameterNotFound") as string,
      passing: false,
    });
  });
});
