import { readFileSync } from "node:fs";
import { join } from "node:path";
import { picture } from "../../plan/picture";
import { record } from "../../record";
import { loadStack } from "../../record/project";
import { ofType, type RecordedResource, type Recording } from "../../record/recording";
import { planOf } from "../../plan/plan";
import { reveal, Secret } from "../../record/values";
import type { ClusterDeclaration } from "../../spec";
import { declaration, root } from "../fixtures/declarations";

const instanceType = "aws:ec2/instance:Instance";
const volumeType = "aws:ebs/volume:Volume";

/** Records a stack, with other members if given. */
async function recordWith(
  stack: "prod" | "dev",
  members?: ClusterDeclaration["members"],
): Promise<Recording> {
  const program = loadStack(root, stack);
  if (members) program.config["etcd:members"] = JSON.stringify(members);
  return record(program);
}

function byName(recording: Recording, type: string): Map<string, RecordedResource> {
  return new Map(ofType(recording, type).map((resource) => [resource.name, resource]));
}

const userData = (recording: Recording) =>
  new Map([...byName(recording, instanceType)].map(([name, { inputs }]) => [name, inputs.userData]));

let prod: Recording;
beforeAll(async () => {
  prod = await recordWith("prod");
});

test("every resource hangs below the stack, and what it waits for is declared", () => {
  const urns = new Set(prod.resources.map(({ urn }) => urn));
  expect(urns.size).toBe(prod.resources.length);
  const roots = prod.resources.filter(({ parent }) => parent === undefined);
  expect(roots.map(({ type }) => type)).toEqual(["pulumi:pulumi:Stack"]);
  for (const { parent, dependencies } of prod.resources) {
    for (const urn of [...(parent === undefined ? [] : [parent]), ...dependencies])
      expect(urns).toContain(urn);
  }
});

test("members are chained: each machine waits for the attachment of the one before", () => {
  const instances = byName(prod, instanceType);
  const attachments = byName(prod, "aws:ec2/volumeAttachment:VolumeAttachment");
  const chain = [1, 2, 3, 4, 5].map((number) => {
    const { dependencies } = instances.get(`prod-member${number}`)!;
    return [...attachments.values()].filter(({ urn }) => dependencies.includes(urn)).map(({ name }) => name);
  });
  expect(chain).toEqual([[], ["prod-member1"], ["prod-member2"], ["prod-member3"], ["prod-member4"]]);
});

test("no member's replacing input comes from another member", () => {
  for (const { name, propertyDependencies } of ofType(prod, instanceType)) {
    const sources = Object.values(propertyDependencies).flat();
    const foreign = sources.filter((urn) => /member\d/.test(urn) && !urn.endsWith(name));
    expect(foreign).toEqual([]);
  }
});

test("machines go before they are replaced, data is protected", () => {
  const options = (type: string) => ofType(prod, type).map((resource) => resource.options);
  for (const type of [
    instanceType,
    "aws:ec2/volumeAttachment:VolumeAttachment",
    "aws:ec2/networkInterface:NetworkInterface",
  ]) {
    expect(options(type).map(({ deleteBeforeReplace }) => deleteBeforeReplace)).toEqual([
      true,
      true,
      true,
      true,
      true,
    ]);
  }
  for (const type of [volumeType, "aws:s3/bucket:Bucket", "aws:kms/key:Key"]) {
    expect(options(type).every(({ protect }) => protect === true)).toBe(true);
  }
});

test("nothing is public", () => {
  const text = JSON.stringify(prod.resources.map(({ inputs }) => inputs));
  expect(text).not.toContain("associatePublicIpAddress");
  expect(ofType(prod, "aws:lb/loadBalancer:LoadBalancer").map(({ inputs }) => inputs.internal)).toEqual([
    true,
  ]);
  expect(ofType(prod, "aws:ec2/eip:Eip")).toEqual([]);
});

test("user data is known whole, without a key, a resource's output or another member's data", () => {
  const names = declaration("prod").members.map(({ name }) => name);
  for (const { name, inputs, propertyDependencies } of ofType(prod, instanceType)) {
    const text = String(inputs.userData);
    expect(propertyDependencies.userData).toBeUndefined();
    expect(text).not.toContain("PRIVATE KEY");
    expect(names.filter((other) => text.includes(other))).toEqual([name.slice("prod-".length)]);
  }
});

test("private keys are secrets wherever they stand, and no print of the plan shows one", () => {
  const texts = (value: unknown): string[] =>
    typeof value === "string"
      ? [value]
      : value !== null && typeof value === "object" && !(value instanceof Secret)
        ? Object.values(value).flatMap(texts)
        : [];
  const plain = prod.resources.flatMap(({ inputs, outputs }) => [...texts(inputs), ...texts(outputs)]);
  expect(plain.filter((text) => text.includes("PRIVATE KEY"))).toEqual([]);
  const keys = ofType(prod, "aws:ssm/parameter:Parameter").filter(({ name }) => name.endsWith(".key"));
  expect(keys).toHaveLength(11);
  expect(keys.every(({ inputs }) => String(reveal(inputs.value)).includes("EC PRIVATE KEY"))).toBe(true);
  expect(JSON.stringify(planOf(prod))).not.toContain("PRIVATE KEY");
  expect(JSON.stringify(planOf(prod))).toContain("[secret]");
});

test("renaming a member leaves the others' user data byte for byte the same", async () => {
  const { members } = declaration("prod");
  members[4]!.name = "renamed";
  const before = userData(prod);
  const after = userData(await recordWith("prod", members));
  for (const number of [1, 2, 3, 4]) {
    expect(after.get(`prod-member${number}`)).toBe(before.get(`prod-member${number}`));
  }
  expect(after.has("prod-renamed")).toBe(true);
});

test("3 → 5 leaves the three's user data byte for byte the same", async () => {
  const three = userData(await recordWith("prod", declaration("prod").members.slice(0, 3)));
  expect(three.size).toBe(3);
  for (const [name, text] of three) expect(userData(prod).get(name)).toBe(text);
});

test("a replaced member's volume stays the same resource, retired and unprotected", async () => {
  const members = declaration("prod").members.slice(1);
  members.push({ name: "member6", subnet: "a", address: "10.0.1.13", replaces: { name: "member1" } });
  const replaced = await recordWith("prod", members);
  const [before, after] = [byName(prod, volumeType), byName(replaced, volumeType)];
  expect(after.size).toBe(6);
  const retired = after.get("prod-member1")!;
  expect(retired.urn).toBe(before.get("prod-member1")!.urn);
  expect(retired.inputs).toEqual(before.get("prod-member1")!.inputs);
  expect(retired.options.protect).toBeUndefined();
  expect(after.get("prod-member6")!.options.protect).toBe(true);
  expect([...byName(replaced, instanceType).keys()].sort()).toEqual([
    "prod-member2",
    "prod-member3",
    "prod-member4",
    "prod-member5",
    "prod-member6",
  ]);
});

test("dev is one member, unprotected, without a balancer", async () => {
  const dev = await recordWith("dev");
  expect(planOf(dev).members.map(({ name }) => name)).toEqual(["member1"]);
  expect(ofType(dev, volumeType).map(({ options }) => options.protect)).toEqual([undefined]);
  expect(ofType(dev, "aws:lb/loadBalancer:LoadBalancer")).toEqual([]);
});

test("the picture in the docs is that of the production stack", () => {
  expect(`${picture(prod.resources)}\n`).toBe(readFileSync(join(root, "docs", "prod.svg"), "utf8"));
});

test.each(["prod", "dev"] as const)("every box of the picture of %s lies within it", async (stack) => {
  const svg = picture((stack === "prod" ? prod : await recordWith("dev")).resources);
  const width = Number(/viewBox="0 0 (\d+) /.exec(svg)![1]);
  const boxes = [...svg.matchAll(/<rect [^>]*x="([\d.-]+)" [^>]*width="([\d.]+)"/g)];
  expect(boxes.length).toBeGreaterThan(2);
  for (const [, left, size] of boxes) {
    expect(Number(left)).toBeGreaterThanOrEqual(1);
    expect(Number(left) + Number(size)).toBeLessThanOrEqual(width - 1);
  }
});

test("the records say who belongs to the cluster, and a machine is made after those that it reads", () => {
  const value = (name: string) =>
    JSON.parse(
      String(
        reveal(
          ofType(prod, "aws:ssm/parameter:Parameter").find(({ inputs }) => inputs.name === name)!.inputs
            .value,
        ),
      ),
    ) as Record<string, unknown>;
  const desired = value("/etcd/prod/desired");
  expect(desired).toMatchObject({
    incarnation: ofType(prod, "aws:kms/key:Key")[0]!.id,
    generation: 1,
    members: declaration("prod").members.map(({ name, address }) => ({ name, address })),
  });
  for (const { name, dependencies } of ofType(prod, instanceType)) {
    const member = name.slice("prod-".length);
    const volume = ofType(prod, "aws:ebs/volume:Volume").find((each) => each.name === name)!;
    expect(value(`/etcd/prod/members/${member}`)).toMatchObject({ volume: volume.id });
    const read = ["/etcd/prod/desired", `/etcd/prod/members/${member}`];
    const depended = prod.resources.filter((each) => dependencies.includes(each.urn));
    expect(depended.map(({ inputs }) => inputs.name)).toEqual(expect.arrayContaining(read));
  }
});
