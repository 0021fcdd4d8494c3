import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  CreateVpcEndpointCommand,
  DeleteVpcEndpointsCommand,
  ModifyVpcAttributeCommand,
  RunInstancesCommand,
  TerminateInstancesCommand,
} from "@aws-sdk/client-ec2";
import type { AccountClients } from "../../../aws/accountClients";
import { accountOf } from "../../../operate/aws";
import type { Finding } from "../../../operate/preflight/finding";
import { preflight, type Preflight } from "../../../operate/preflight/preflight";
import { record } from "../../../record";
import { loadStack, withSettings } from "../../../record/project";
import type { Recording } from "../../../record/recording";
import { runCommand } from "../../fixtures/commands";
import { root } from "../../fixtures/declarations";
import { noMoto, startMoto, type Moto } from "../../fixtures/moto";
import { imageOf, makeSurroundings, makeVpc, makeZone } from "./network";

// The first may install moto.
jest.setTimeout(600_000);

const checksum = "a".repeat(64);
const sums = `${"b".repeat(64)}  etcd-v3.6.16-linux-arm64.tar.gz\n${checksum}  etcd-v3.6.16-linux-amd64.tar.gz\n`;

test("a command without credentials ends with exit code 2 and says what to set", async () => {
  const nowhere = { PATH: process.env.PATH, HOME: "/nowhere", AWS_EC2_METADATA_DISABLED: "true" };
  const { code, stdout, stderr } = await runCommand("preflight", [], root, nowhere);
  expect([code, stdout]).toEqual([2, ""]);
  expect(stderr).toContain("ask who deploys: no AWS credentials that count");
});

(noMoto === undefined ? describe : describe.skip)(`against moto${noMoto ? ` (${noMoto})` : ""}`, () => {
  const program = loadStack(root, "prod");
  const { signal } = new AbortController();
  let moto: Moto;
  let aws: AccountClients;
  let settings: Awaited<ReturnType<typeof makeSurroundings>>;
  /** vCPUs that the stand-in for Service Quotas allows. */
  let vcpus: number;
  /** Actions that the stand-in for IAM's simulation refuses. */
  let refused: string[];
  /** Whose policies it was asked for. */
  let asked: Set<unknown>;

  beforeAll(async () => {
    moto = await startMoto();
    Object.assign(process.env, moto.environment);
    aws = accountOf(program);
    settings = await makeSurroundings(aws);
    // moto knows no quota of EC2's and simulates no policy: a stand-in answers these two calls.
    answerInstead(aws.quotas, "GetServiceQuotaCommand", ({ QuotaCode }) =>
      QuotaCode === "L-1216C47A" ? { Quota: { Value: vcpus } } : undefined,
    );
    answerInstead(aws.iam, "SimulatePrincipalPolicyCommand", ({ ActionNames, PolicySourceArn }) => {
      asked.add(PolicySourceArn);
      return {
        EvaluationResults: (ActionNames as string[]).map((EvalActionName) => ({
          EvalActionName,
          EvalDecision: refused.includes(EvalActionName) ? "implicitDeny" : "allowed",
        })),
      };
    });
  });
  afterAll(() => moto.stop());
  beforeEach(() => {
    vcpus = 20;
    refused = [];
    asked = new Set();
    // The mirror's place.
    jest.spyOn(globalThis, "fetch").mockImplementation(() => Promise.resolve(new Response(sums)));
  });
  afterEach(() => jest.restoreAllMocks());

  // Most tests change the account alone: what is declared is recorded once.
  const recordings = new Map<string, Promise<Recording>>();
  const recorded = (changed: object) => {
    // What is taken off is a change, too.
    const key = JSON.stringify(changed, (_, value: unknown) => (value === undefined ? "taken off" : value));
    const found = recordings.get(key) ?? record(withSettings(program, { ...settings, ...changed }));
    recordings.set(key, found);
    return found;
  };
  const ask = async (changed: object = {}): Promise<Preflight> =>
    preflight({ recording: await recorded(changed), aws, progress: () => undefined, signal });
  const inNetwork = (changed: object) => ({ network: { ...settings.network, ...changed } });
  const onMachine = (changed: object) => ({ machine: { ...settings.machine, ...changed } });
  const linesOf = ({ findings }: Preflight, which: Finding["result"]) =>
    findings.filter(({ result }) => result === which).map(({ check, of, said }) => `${check} ${of}: ${said}`);
  /** What fails while one command is answered in AWS' place. */
  const failingWhile = async (...[client, command, answer]: Parameters<typeof answerInstead>) => {
    let answering = true;
    answerInstead(client, command, (input) => (answering ? answer(input) : undefined));
    try {
      return await failing();
    } finally {
      answering = false;
    }
  };
  const failing = async (changed?: object) => linesOf(await ask(changed), "FAILED");

  test("an account that has all is ready", async () => {
    const found = await ask();
    expect(found.findings.filter(({ result }) => result !== "ok")).toEqual([]);
    expect(found.ok).toBe(true);
    expect([...new Set(found.findings.map(({ check }) => check))]).toEqual([
      "VPC",
      "subnet",
      "private zone",
      "security group",
      "endpoints",
      "image",
      "instance type",
      "quota",
      "alarm topic",
      "permissions",
      "checksum",
    ]);
    expect(found.findings.find(({ of }) => of === "vCPUs")!.said).toBe("20 needed, 0 in use, 20 allowed");
  });

  test.each([
    ["hostnames", "EnableDnsHostnames"],
    ["support", "EnableDnsSupport"],
  ])("a VPC whose names are not told: DNS %s", async (what, attribute) => {
    const { vpc: VpcId } = settings.network;
    const set = (Value: boolean) =>
      aws.ec2.send(new ModifyVpcAttributeCommand({ VpcId, [attribute]: { Value } }));
    await set(false);
    const lines = await failing();
    await set(true);
    expect(lines).toEqual([
      `VPC ${VpcId}: DNS ${what} is off: aws ec2 modify-vpc-attribute --vpc-id ${VpcId} --enable-dns-${what}`,
    ]);
  });

  test("a subnet of another VPC", async () => {
    const { id, zone, range } = settings.network.subnets.a!;
    const answered = { SubnetId: id, VpcId: "vpc-other", AvailabilityZone: zone, CidrBlock: range };
    const lines = await failingWhile(aws.ec2, "DescribeSubnetsCommand", ({ SubnetIds }) =>
      (SubnetIds as string[])[0] === id ? { Subnets: [answered] } : undefined,
    );
    expect(lines).toEqual([
      `subnet ${id}: VPC is vpc-other, and etcd:network.subnets.a says ${settings.network.vpc}: change the setting`,
    ]);
  });

  test("subnets of other zones and ranges", async () => {
    const { a, b, c } = settings.network.subnets as Record<
      "a" | "b" | "c",
      { id: string; zone: string; range: string }
    >;
    expect(
      await failing(inNetwork({ subnets: { a: { ...a, id: b.id }, b: { ...b, id: a.id }, c } })),
    ).toEqual([
      `subnet ${b.id}: zone is eu-central-1b, and etcd:network.subnets.a says eu-central-1a: change the setting; range is 10.0.2.0/24, and etcd:network.subnets.a says 10.0.1.0/24: change the setting`,
      `subnet ${a.id}: zone is eu-central-1a, and etcd:network.subnets.b says eu-central-1b: change the setting; range is 10.0.1.0/24, and etcd:network.subnets.b says 10.0.2.0/24: change the setting`,
    ]);
  });

  test("private zones of another VPC, of another name, and public ones", async () => {
    const id = await makeZone(aws, "another.internal", await makeVpc(aws));
    expect(await failing(inNetwork({ privateZone: { id, name: "etcd.internal" } }))).toEqual([
      `private zone ${id}: is of another.internal, and etcd:network.privateZone says etcd.internal; is not associated with ${settings.network.vpc}: aws route53 associate-vpc-with-hosted-zone`,
    ]);
    const open = await makeZone(aws, "etcd.internal");
    const [line] = await failing(inNetwork({ privateZone: { id: open, name: "etcd.internal" } }));
    expect(line).toContain("is public");
  });

  test("endpoints that have the services' names already, unless they are the cluster's own", async () => {
    const make = async (Tags: { Key: string; Value: string }[]) => {
      const command = new CreateVpcEndpointCommand({
        VpcId: settings.network.vpc,
        ServiceName: "com.amazonaws.eu-central-1.kms",
        VpcEndpointType: "Interface",
        PrivateDnsEnabled: true,
        SubnetIds: [settings.network.subnets.a!.id],
        TagSpecifications: [{ ResourceType: "vpc-endpoint", Tags }],
      });
      return (await aws.ec2.send(command)).VpcEndpoint!.VpcEndpointId!;
    };
    const remove = (id: string) => aws.ec2.send(new DeleteVpcEndpointsCommand({ VpcEndpointIds: [id] }));
    const own = await make([{ Key: "etcd:cluster", Value: "prod" }]);
    // What stays behind would fail in every later test.
    const beside = await failing();
    await remove(own);
    const another = await make([{ Key: "team", Value: "b" }]);
    const lines = await failing();
    await remove(another);
    expect(beside).toEqual([]);
    expect(lines).toEqual([
      `endpoints ${settings.network.vpc}: ${another} has the private names of com.amazonaws.eu-central-1.kms already: declare etcd:network.outbound existingEndpoints`,
    ]);
  });

  test("an image of another architecture", async () => {
    const image = await imageOf(aws, "arm64");
    expect(await failing(onMachine({ image }))).toEqual([
      `image ${image}: is of arm64, and etcd:machine.architecture says amd64: change one of them`,
    ]);
  });

  const ubuntu = (name: string) => `ubuntu/images/hvm-ssd/ubuntu-${name}-amd64-server-20260601`;
  const image = { Architecture: "x86_64", State: "available", Name: ubuntu("noble-24.04") };
  test.each([
    [
      "is not shared",
      [],
      "is not there, or not shared with this account: name an image of this region in etcd:machine.image",
    ],
    [
      "is not available",
      [{ ...image, State: "deregistered" }],
      "is deregistered: name one that is available in etcd:machine.image",
    ],
    [
      "has too old a curl",
      [{ ...image, Name: ubuntu("jammy-22.04") }],
      "is Ubuntu 22.04, whose curl 7.81 (7.87 is the least): take an image of docs/machine-image.md",
    ],
    ["has what machines need", [image], undefined],
  ])("an image that %s", async (_, Images, problem) => {
    const lines = await failingWhile(aws.ec2, "DescribeImagesCommand", () => ({ Images }));
    expect(lines).toEqual(problem === undefined ? [] : [`image ${settings.machine.image}: ${problem}`]);
  });

  test("instance types of another architecture", async () => {
    const arm = { ProcessorInfo: { SupportedArchitectures: ["arm64"] }, VCpuInfo: { DefaultVCpus: 4 } };
    const lines = await failingWhile(aws.ec2, "DescribeInstanceTypesCommand", ({ InstanceTypes }) => ({
      InstanceTypes: (InstanceTypes as string[]).map((InstanceType) => ({ InstanceType, ...arm })),
    }));
    const problem = "is of arm64, and etcd:machine.architecture says amd64: change one of them";
    expect(lines).toEqual([`instance type m7i.xlarge: ${problem}`, `instance type m6i.xlarge: ${problem}`]);
  });

  test("instance types that a zone does not offer, or that do not exist", async () => {
    const lines = await failing(onMachine({ fallbackInstanceType: "m99i.xlarge" }));
    expect(lines).toEqual([
      expect.stringMatching(/^instance type m99i\.xlarge: .*; name a type of this region/),
    ]);
    answerInstead(aws.ec2, "DescribeInstanceTypeOfferingsCommand", () =>
      offered === undefined ? undefined : { InstanceTypeOfferings: [{ Location: offered }] },
    );
    // moto offers every type in every zone: a stand-in answers this call.
    let offered: string | undefined = "eu-central-1a";
    const two = await failing();
    offered = undefined;
    expect(two).toEqual([
      expect.stringMatching(
        /^instance type m7i\.xlarge: is not offered in eu-central-1b: take another zone.*; is not offered in eu-central-1c/,
      ),
      expect.stringMatching(/^instance type m6i\.xlarge: is not offered in eu-central-1b/),
    ]);
  });

  test("quotas that others use up", async () => {
    vcpus = 19;
    expect(await failing()).toEqual([
      "quota vCPUs: 20 needed, 0 in use, 19 allowed: ask for more of Running On-Demand Standard instances (L-1216C47A)",
    ]);
    vcpus = 20;
    const run = async (tags: Record<string, string>) => {
      const command = new RunInstancesCommand({
        ...{ ImageId: settings.machine.image, InstanceType: "m7i.large", MinCount: 1, MaxCount: 1 },
        TagSpecifications: [
          { ResourceType: "instance", Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })) },
        ],
      });
      return (await aws.ec2.send(command)).Instances![0]!.InstanceId!;
    };
    const own = await run({ "etcd:cluster": "prod" });
    expect(await failing()).toEqual([]);
    const another = await run({ team: "b" });
    expect(await failing()).toEqual([expect.stringMatching(/^quota vCPUs: 20 needed, 2 in use, 20 allowed/)]);
    await aws.ec2.send(new TerminateInstancesCommand({ InstanceIds: [own, another] }));

    // moto's limits stand: a stand-in answers these two calls.
    let full = true;
    answerInstead(aws.balancer, "DescribeAccountLimitsCommand", () =>
      full ? { Limits: [{ Name: "network-load-balancers", Max: "0" }] } : undefined,
    );
    answerInstead(aws.quotas, "GetServiceQuotaCommand", ({ QuotaCode }) =>
      full && QuotaCode === "L-29B6F2EB" ? { Quota: { Value: 4 } } : undefined,
    );
    const lines = await failing();
    full = false;
    expect(lines).toEqual([
      "quota network load balancers: 1 needed, 0 in use, 0 allowed: ask for more of Network Load Balancers per Region (L-69A177A2)",
      "quota interface endpoints: 5 needed, 0 in use, 4 allowed: ask for more of Interface VPC endpoints per VPC (L-29B6F2EB)",
    ]);
  });

  test("permissions that whoever deploys lacks", async () => {
    refused = ["ec2:AttachVolume", "iam:PassRole"];
    expect(await failing()).toEqual([
      expect.stringMatching(
        /^permissions arn:aws:.*: not allowed: ec2:AttachVolume, iam:PassRole; attach what npm run plan -- --permissions prints$/,
      ),
    ]);
  });

  test("permissions of a role are asked for by its own ARN, which has a path", async () => {
    const role = "arn:aws:iam::123456789012:role/teams/deployer";
    answerInstead(aws.iam, "GetRoleCommand", ({ RoleName }) =>
      RoleName === "deployer" ? { Role: { Arn: role } } : undefined,
    );
    const Arn = "arn:aws:sts::123456789012:assumed-role/deployer/session";
    expect(await failingWhile(aws.sts, "GetCallerIdentityCommand", () => ({ Arn }))).toEqual([]);
    expect([...asked]).toEqual([role]);
  });

  test("checksums that are not the mirror's, or not declared", async () => {
    const url = "https://github.com/etcd-io/etcd/releases/download/v3.6.16/SHA256SUMS";
    const of = "checksum etcd-v3.6.16-linux-amd64.tar.gz";
    const other = "c".repeat(64);
    expect(await failing({ checksums: { amd64: other } })).toEqual([
      `${of}: etcd:checksums.amd64 is ${other}, and ${url} says ${checksum}: find out which is right`,
    ]);
    expect(await failing({ checksums: undefined })).toEqual([
      `${of}: is not declared, and machines of production run no etcd without it: set etcd:checksums.amd64 to ${checksum}`,
    ]);
    jest
      .spyOn(globalThis, "fetch")
      .mockImplementation(() => Promise.resolve(new Response("", { status: 403 })));
    const found = await ask();
    expect([found.ok, linesOf(found, "not known")]).toEqual([
      true,
      [`${of}: ${url}: HTTP 403; machines may reach it, this computer does not`],
    ]);
    jest.spyOn(globalThis, "fetch").mockImplementation(() => Promise.resolve(new Response("")));
    expect(linesOf(await ask(), "not known")).toEqual([
      `${of}: ${url} names no etcd-v3.6.16-linux-amd64.tar.gz`,
    ]);
  });

  test("a secret topic and a machine of another quota are not known, and no failure", async () => {
    const found = await ask({
      alarms: { topicArn: "[secret]" },
      ...onMachine({ fallbackInstanceType: "x2idn.16xlarge" }),
      members: withFallback(),
    });
    expect(linesOf(found, "not known")).toEqual([
      "quota vCPUs: x2idn.16xlarge has a quota of its own: look it up in the console of Service Quotas",
      "alarm topic [secret]: it is a secret: hand it in by --config",
    ]);
  });

  test("an account that has nothing of it fails, line by line, with exit code 1", async () => {
    const { code, stdout, stderr } = await runCommand("preflight", []);
    expect(code).toBe(1);
    const failed = stdout.split("\n").filter((line) => line.startsWith("FAILED"));
    const missing = [
      ["VPC", "vpc-0123456789abcdef0", "etcd:network.vpc"],
      ["subnet", "subnet-0123456789abcdefa", "etcd:network.subnets.a"],
      ["private zone", "Z0123456789ABCDEFGHIJ", "etcd:network.privateZone"],
      ["security group", "sg-0123456789abcdef1", "etcd:network"],
      ["image", "ami-0123456789abcdef0", "etcd:machine.image"],
    ].map(([check, id, way]): unknown =>
      expect.stringMatching(new RegExp(`${check} +${id} .*; name .*${way}`)),
    );
    expect(failed).toEqual(expect.arrayContaining(missing));
    expect(stderr).toMatch(/stack prod: \d+ of \d+ checks failed, \d+ not known/);
  });

  test("a topic that is gone fails", async () => {
    const [line, ...others] = await failing({
      alarms: { topicArn: "arn:aws:sns:eu-central-1:123456789012:gone" },
    });
    expect(line).toMatch(/^alarm topic .*; name a topic that there is in etcd:alarms\.topicArn$/);
    expect(others).toEqual([]);
  });

  test("the command ends with exit code 0 where nothing fails, and tells the same as JSON", async () => {
    jest.restoreAllMocks();
    const mirror = createServer((_, response) => response.end(sums));
    await once(mirror.listen(0, "127.0.0.1"), "listening");
    const directory = mkdtempSync(join(tmpdir(), "preflight-"));
    const config = join(directory, "config.json");
    const own = { ...settings, mirror: `http://localhost:${(mirror.address() as AddressInfo).port}` };
    const said = Object.entries(withSettings(program, own).config).map(([key, value]) => [
      key,
      { value, secret: false },
    ]);
    writeFileSync(config, JSON.stringify(Object.fromEntries(said)));
    try {
      const { code, stdout, stderr } = await runCommand("preflight", ["--json", "--config", config]);
      expect([code, stderr]).toEqual([0, expect.stringContaining("0 of 17 checks failed, 2 not known")]);
      const { ok, findings } = JSON.parse(stdout) as Preflight;
      expect(ok).toBe(true);
      // What moto lacks.
      expect(
        findings.filter(({ result }) => result === "not known").map(({ check, of }) => [check, of]),
      ).toEqual([
        ["quota", "vCPUs"],
        ["permissions", expect.any(String)],
      ]);
    } finally {
      mirror.close();
      rmSync(directory, { recursive: true });
    }
  });

  function withFallback() {
    const members = JSON.parse(program.config["etcd:members"]!) as object[];
    return members.map((member, index) => (index === 0 ? { ...member, fallback: true } : member));
  }
});

type Stack = { middlewareStack: { add(middleware: unknown, options: { step: "initialize" }): void } };

/** Answers one command of a client in AWS' place; undefined leaves it to moto. */
function answerInstead(
  client: unknown,
  command: string,
  answer: (input: Record<string, unknown>) => object | undefined,
): void {
  type Args = { input: Record<string, unknown> };
  const middleware =
    (next: (args: Args) => unknown, { commandName }: { commandName: string }) =>
    (args: Args) => {
      const output = commandName === command ? answer(args.input) : undefined;
      return output === undefined ? next(args) : Promise.resolve({ output, response: {} });
    };
  (client as Stack).middlewareStack.add(middleware, { step: "initialize" });
}
