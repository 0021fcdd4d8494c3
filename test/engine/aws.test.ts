import { mkdtempSync, rmSync, statSync, readdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { argumentsOf } from "../../engine/aws/arguments";
import { object as objectType, types } from "../../engine/aws/types";
import { observe, type Change } from "../../engine/observer";
import { record } from "../../record";
import { loadStack } from "../../record/project";
import { reveal, unknownValue, type Properties } from "../../record/values";
import { root } from "../fixtures/declarations";
import { Provider } from "./provider";

const instanceType = "aws:ec2/instance:Instance";
const interfaceType = "aws:ec2/networkInterface:NetworkInterface";
const volumeType = "aws:ebs/volume:Volume";
const attachmentType = "aws:ec2/volumeAttachment:VolumeAttachment";

let home: string;
let provider: Provider;
let close: () => Promise<void>;
let changes: string[];
/** What the observer refuses, as "create i". */
let refused: { change: string; why: string } | undefined;

beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), "stand-in-"));
  const observer = join(home, "observer");
  ({ close } = await observe(observer, ({ change, type }: Change) => {
    const said = `${change} ${type.split(":").at(-1)}`;
    changes.push(said);
    if (refused?.change === said) throw new Error(refused.why);
  }));
  provider = await Provider.start("aws", home, observer);
});

afterAll(async () => {
  await provider.abandon();
  await close();
  rmSync(home, { recursive: true });
});

beforeEach(() => {
  changes = [];
  refused = undefined;
});

let addresses = 10;
/** Of an interface with an address that no other test has. */
const nic = () => {
  addresses += 1;
  return { subnetId: "subnet-0123456789abcdefa", privateIps: [`10.0.1.${addresses}`] };
};
const volume = { availabilityZone: "eu-central-1a", size: 20, type: "gp3", encrypted: true };
const machine = (networkInterfaceId: string): Properties => ({
  ami: "ami-0123456789abcdef0",
  instanceType: "m6i.large",
  primaryNetworkInterface: { networkInterfaceId },
  userDataBase64: "YQ==",
  userDataReplaceOnChange: true,
  tags: { Name: "member1" },
});

/** A member's machine with its interface, volume and attachment. */
async function member() {
  const ownInterface = nic();
  const { id: nicId } = await provider.create(interfaceType, "member1", ownInterface);
  const { id: volumeId } = await provider.create(volumeType, "member1", volume);
  const { id: instanceId } = await provider.create(instanceType, "member1", machine(nicId));
  const attachment = { deviceName: "/dev/sdf", instanceId, volumeId, stopInstanceBeforeDetaching: true };
  const { id: attachmentId } = await provider.create(attachmentType, "member1", attachment);
  return { ownInterface, nicId, volumeId, instanceId, attachment, attachmentId };
}

test("tells the version of @pulumi/aws, and answers where it is asked who and where", async () => {
  expect(await provider.version()).toBe("7.48.0");
  expect(await provider.invoke("aws:index/getRegion:getRegion")).toMatchObject({ region: "eu-central-1" });
  expect(await provider.invoke("aws:index/getPartition:getPartition")).toMatchObject({ partition: "aws" });
  await expect(provider.invoke("aws:ec2/getAmi:getAmi")).rejects.toThrow(
    "getAmi: the stand-in has no answer",
  );
});

test("keeps what it makes for the next deployment, closed to others", async () => {
  const { instanceId, nicId } = await member();
  expect(instanceId).toMatch(/^i-[0-9a-f]{17}$/);
  await provider.abandon();
  provider = await Provider.start("aws", home, join(home, "observer"));
  expect(await provider.read(instanceType, instanceId)).toMatchObject({ ...machine(nicId) });
  expect(await provider.read(instanceType, "i-00000000000000000")).toBeUndefined();
  const cloud = join(home, "cloud");
  for (const name of readdirSync(cloud)) expect(statSync(join(cloud, name)).mode & 0o077).toBe(0);
  expect(statSync(cloud).mode & 0o077).toBe(0);
});

test("a preview makes nothing and leaves unknown what AWS would answer", async () => {
  const { id, outputs } = await provider.create(volumeType, "member1", volume, true);
  expect(id).toBe("");
  expect(outputs).toMatchObject({ size: 20, arn: unknownValue });
  expect(changes).toEqual([]);
});

describe("arguments", () => {
  test("of the whole production stack are right", async () => {
    const { resources } = await record(loadStack(root, "prod"));
    const ours = resources.filter(({ type }) => type.startsWith("aws:"));
    expect(ours.length).toBeGreaterThan(100);
    for (const { type, inputs } of ours) {
      const plain = Object.fromEntries(Object.entries(inputs).map(([name, value]) => [name, reveal(value)]));
      expect([type, await provider.check(type, plain)]).toEqual([type, []]);
      expect(types).toHaveProperty([type]);
    }
  });

  test("that are unknown, required or deep inside are told", async () => {
    expect(
      await provider.check(instanceType, { ...machine("eni-0123456789abcdef0"), imageId: "ami-1" }),
    ).toEqual(["imageId: Unsupported argument"]);
    expect(await provider.check(attachmentType, { deviceName: "/dev/sdf", volumeId: unknownValue })).toEqual([
      "instanceId: Missing required argument",
    ]);
    const metadataOptions = { httpTokens: "required", hopLimit: 1 };
    expect(
      await provider.check(instanceType, { ...machine("eni-0123456789abcdef0"), metadataOptions }),
    ).toEqual(["metadataOptions.hopLimit: Unsupported argument"]);
    const schedules = [{ name: "daily", createRule: { interval: 24 }, retainRule: {}, copyTag: true }];
    expect(
      await provider.check("aws:dlm/lifecyclePolicy:LifecyclePolicy", {
        description: "x",
        executionRoleArn: "arn:aws:iam::1:role/x",
        policyDetails: { schedules },
      }),
    ).toEqual(["policyDetails.schedules.copyTag: Unsupported argument"]);
  });

  test("that its own tables name exist", () => {
    for (const [type, { replacedBy, replacedByLosing = [], unique = [], usedBy = [] }] of Object.entries(
      types,
    )) {
      const known = argumentsOf(type);
      for (const path of [...replacedBy, ...replacedByLosing, ...unique])
        expect([...known.keys()]).toContain(path.split(/[.?]/)[0]);
      for (const user of usedBy) expect(types).toHaveProperty([user]);
    }
  });

  test("of a type that nobody entered are refused by name", async () => {
    await expect(provider.create("aws:ec2/eip:Eip", "x", {})).rejects.toThrow(
      "aws:ec2/eip:Eip: the stand-in",
    );
  });
});

describe("a change", () => {
  const before = machine("eni-0123456789abcdef0");
  const some = (replaces: string[], deletesFirst = false) => ({ changes: "some", replaces, deletesFirst });

  test.each<[string, Properties, string[]]>([
    ["of tags", { tags: { Name: "other" } }, []],
    ["of the instance type", { instanceType: "m6i.xlarge" }, []],
    ["of the image", { ami: "ami-0123456789abcdef1" }, ["ami"]],
    ["of user data", { userDataBase64: "Yg==" }, ["userDataBase64"]],
    ["of user data that may stay", { userDataBase64: "Yg==", userDataReplaceOnChange: false }, []],
    [
      "to an interface not known yet",
      { primaryNetworkInterface: { networkInterfaceId: unknownValue } },
      ["primaryNetworkInterface"],
    ],
    ["of the root volume's tags", { rootBlockDevice: { tags: { a: "b" } } }, []],
    ["of the root volume's key", { rootBlockDevice: { kmsKeyId: "arn:other" } }, ["rootBlockDevice"]],
  ])("%s of an instance", async (_, change, replaces) => {
    expect(await provider.diff(instanceType, before, { ...before, ...change })).toEqual(some(replaces));
  });

  test("of nothing is none, in whatever order and whether absent or null", async () => {
    const after = Object.fromEntries(Object.entries({ ...before, keyName: null }).reverse());
    expect(await provider.diff(instanceType, before, after)).toMatchObject({ changes: "none", replaces: [] });
  });

  const balancer = { name: "prod-etcd", loadBalancerType: "network", subnets: ["subnet-a", "subnet-b"] };
  test.each<[string, Properties, string[]]>([
    ["a subnet more grows in place", { subnets: ["subnet-b", "subnet-c", "subnet-a"] }, []],
    ["another subnet is another balancer", { subnets: ["subnet-a", "subnet-c"] }, ["subnets"]],
    ["a subnet fewer is another balancer", { subnets: ["subnet-a"] }, ["subnets"]],
    ["protection changes in place", { enableDeletionProtection: true }, []],
  ])("of a network balancer: %s, deleted first as its name is fixed", async (_, change, replaces) => {
    const planned = await provider.diff("aws:lb/loadBalancer:LoadBalancer", balancer, {
      ...balancer,
      ...change,
    });
    expect(planned).toEqual(some(replaces, replaces.length > 0));
  });

  test("of a group's description makes it before the old one goes, as its name is made up", async () => {
    const group = { description: "one", vpcId: "vpc-1" };
    expect(
      await provider.diff("aws:ec2/securityGroup:SecurityGroup", group, { ...group, description: "two" }),
    ).toEqual(some(["description"]));
  });

  test("of a volume's zone or key replaces it, of its size does not", async () => {
    expect(await provider.diff(volumeType, volume, { ...volume, availabilityZone: "eu-central-1b" })).toEqual(
      some(["availabilityZone"]),
    );
    expect(await provider.diff(volumeType, volume, { ...volume, kmsKeyId: "arn:k" })).toEqual(
      some(["kmsKeyId"]),
    );
    expect(await provider.diff(volumeType, volume, { ...volume, size: 40 })).toEqual(some([]));
  });

  test("of either end of an attachment replaces it", async () => {
    const ends = { deviceName: "/dev/sdf", instanceId: "i-1", volumeId: "vol-1" };
    expect(await provider.diff(attachmentType, ends, { ...ends, instanceId: unknownValue })).toEqual(
      some(["instanceId"]),
    );
  });
});

describe("AWS refuses", () => {
  test.each<[string, string, Properties, string]>([
    ["a malformed image", instanceType, { ami: "ami-xyz" }, 'ami: "ami-xyz": malformed, expected ami-…'],
    ["an instance without type", instanceType, { instanceType: undefined }, "MissingParameter: instanceType"],
    [
      "an interface that does not exist",
      instanceType,
      { primaryNetworkInterface: { networkInterfaceId: "eni-0000000000000000f" } },
      'NotFound: networkInterfaceId: "eni-0000000000000000f" does not exist',
    ],
    [
      "more than 16 KB of user data",
      instanceType,
      { userDataBase64: undefined, userData: "a".repeat(16_385) },
      "User data is limited to 16384 bytes, not 16385",
    ],
    ["a malformed zone", volumeType, { availabilityZone: "eu-central-1" }, "availabilityZone"],
  ])("%s", async (_, type, change, message) => {
    const { id } = await provider.create(interfaceType, "member2", nic());
    const inputs = type === instanceType ? machine(id) : volume;
    await expect(provider.create(type, "x", { ...inputs, ...change })).rejects.toThrow(message);
    expect(changes).toEqual(["create NetworkInterface"]);
  });

  test("a second machine on an interface, a second attachment of a volume, an address twice", async () => {
    const { ownInterface, nicId, instanceId, attachment } = await member();
    await expect(provider.create(instanceType, "twin", machine(nicId))).rejects.toThrow(instanceId);
    await expect(
      provider.create(attachmentType, "twin", { ...attachment, deviceName: "/dev/sdg" }),
    ).rejects.toThrow("AlreadyExists: volumeId");
    await expect(provider.create(interfaceType, "twin", ownInterface)).rejects.toThrow(
      "AlreadyExists: subnetId, privateIps",
    );
  });

  test("to delete what is in use", async () => {
    const { nicId, volumeId, instanceId, attachment, attachmentId } = await member();
    await expect(provider.delete(volumeType, volumeId)).rejects.toThrow("DependencyViolation");
    await expect(provider.delete(interfaceType, nicId)).rejects.toThrow(`${nicId} is used by ${instanceId}`);
    await provider.delete(attachmentType, attachmentId, attachment);
    await provider.delete(instanceType, instanceId);
    await provider.delete(interfaceType, nicId);
    await provider.delete(volumeType, volumeId);
    expect(await provider.read(volumeType, volumeId)).toBeUndefined();
  });

  test("to delete a protected balancer, and a bucket that holds something", async () => {
    const type = "aws:lb/loadBalancer:LoadBalancer";
    const inputs = { name: "kept", loadBalancerType: "network", enableDeletionProtection: true };
    const { id } = await provider.create(type, "kept", inputs);
    await expect(provider.delete(type, id)).rejects.toThrow("deletion protection is enabled");
    await provider.update(type, id, inputs, { ...inputs, enableDeletionProtection: false });
    await provider.delete(type, id);

    const { id: bucket } = await provider.create("aws:s3/bucket:Bucket", "kept", { bucket: "kept" });
    const { id: object } = await provider.create(objectType, "backup", { bucket, key: "snapshots/1" });
    await expect(provider.delete("aws:s3/bucket:Bucket", bucket)).rejects.toThrow("BucketNotEmpty");
    await provider.delete(objectType, object);
    await provider.delete("aws:s3/bucket:Bucket", bucket);
  });

  test("to shrink a volume, and a rule of a security group a second time", async () => {
    const { id } = await provider.create(volumeType, "data", { ...volume, size: 40 });
    await expect(provider.update(volumeType, id, {}, { ...volume, size: 20 })).rejects.toThrow(
      "New size cannot be smaller than existing size",
    );
    await provider.update(volumeType, id, {}, { ...volume, size: 80 });

    const ruleType = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule";
    const rule = {
      ...{ securityGroupId: "sg-0123456789abcdef0", referencedSecurityGroupId: "sg-0123456789abcdef1" },
      ...{ ipProtocol: "tcp", fromPort: 2379, toPort: 2379 },
    };
    const other = { ...rule, referencedSecurityGroupId: "sg-0123456789abcdef2" };
    await provider.create(ruleType, "one", rule);
    const { id: second } = await provider.create(ruleType, "two", other);
    await expect(provider.create(ruleType, "three", rule)).rejects.toThrow("AlreadyExists: securityGroupId");
    await expect(provider.update(ruleType, second, other, rule)).rejects.toThrow("AlreadyExists");
  });

  test("to stop a machine that is gone, for a volume that went with it", async () => {
    const { instanceId, attachment, attachmentId } = await member();
    await provider.delete(instanceType, instanceId);
    expect(await provider.read(attachmentType, attachmentId)).toBeUndefined();
    await expect(provider.delete(attachmentType, attachmentId, attachment)).rejects.toThrow(
      `stopping EC2 Instance (${instanceId}): IncorrectInstanceState`,
    );
    const skipped = { ...attachment, stopInstanceBeforeDetaching: false, skipDestroy: true };
    await provider.delete(attachmentType, attachmentId, skipped);
  });
});

describe("an observer", () => {
  test("sees what happens in its order: a machine is stopped to change its type, and for its volume to go", async () => {
    const { nicId, instanceId, attachment, attachmentId } = await member();
    changes = [];
    await provider.update(instanceType, instanceId, {}, { ...machine(nicId), tags: {} });
    expect(changes).toEqual(["update Instance"]);
    changes = [];
    await provider.update(instanceType, instanceId, {}, { ...machine(nicId), instanceType: "m6i.xlarge" });
    expect(changes).toEqual(["stop Instance", "update Instance", "start Instance"]);
    changes = [];
    const skipped = { ...attachment, stopInstanceBeforeDetaching: false, skipDestroy: true };
    await provider.delete(attachmentType, attachmentId, skipped);
    expect(changes).toEqual([]);
    await provider.delete(attachmentType, attachmentId, attachment);
    expect(changes).toEqual(["stop Instance", "delete VolumeAttachment"]);
  });

  test("that refuses leaves everything as it was", async () => {
    const { instanceId } = await member();
    refused = { change: "delete Instance", why: "UnauthorizedOperation: not today" };
    await expect(provider.delete(instanceType, instanceId)).rejects.toThrow(
      "UnauthorizedOperation: not today",
    );
    expect(await provider.read(instanceType, instanceId)).toBeDefined();

    refused = { change: "create Volume", why: "InsufficientVolumeCapacity" };
    const before = readdirSync(join(home, "cloud"));
    await expect(provider.create(volumeType, "x", volume)).rejects.toThrow("InsufficientVolumeCapacity");
    expect(readdirSync(join(home, "cloud"))).toEqual(before);
  });

  test("that is gone lets nothing happen behind its back", async () => {
    const alone = join(home, "alone");
    const own = await observe(alone, () => undefined);
    const other = await Provider.start("aws", join(home, "other"), alone);
    await own.close();
    await expect(other.create(volumeType, "x", volume)).rejects.toThrow(/ENOENT|ECONNREFUSED/);
    await other.abandon();
  });
});
