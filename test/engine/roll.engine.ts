import { record } from "../../record";
import { loadStack } from "../../record/project";
import { root } from "../fixtures/declarations";
import type { Deployment } from "./deployment";
import { declared, founded, withEngine } from "./engine";

/** Every member's machine in the order of the chain. */
const members = ["member1", "member2", "member3", "member4", "member5"];

/**
 * What replacing a machine is, step by step. The guard is asked before the attachment goes and before the
 * machine does; the attachment goes from the state alone.
 */
const replacement = (member: string) => [
  "guard",
  `delete Instance ${member}`,
  `create Instance ${member}`,
  `create VolumeAttachment ${member}`,
];

withEngine("the production stack on the real engine", () => {
  let production: Deployment;
  let deployment: Deployment;
  beforeAll(async () => (production = await founded()));
  afterAll(() => production?.end());
  beforeEach(async () => (deployment = await production.copy()));
  afterEach(() => deployment.end());

  test("a preview makes nothing, and plans every resource that the recorder records", async () => {
    const fresh = await declared();
    try {
      const stdout = await fresh.succeed("preview", "--json");
      const { changeSummary } = JSON.parse(stdout) as { changeSummary: Record<string, number> };
      const { resources } = await record(loadStack(root, "prod"));
      expect(changeSummary).toEqual({ create: resources.length });
      expect(fresh.happened).toEqual([]);
    } finally {
      await fresh.end();
    }
  });

  test("nothing changes in a second update", async () => {
    await deployment.succeed("up", "--expect-no-changes");
    expect(deployment.happened).toEqual([]);
  });

  test("no private key stands in what Pulumi writes down", () => {
    const written = deployment.written();
    expect(written).toContain("BEGIN CERTIFICATE");
    expect(written).not.toContain("PRIVATE KEY");
  });

  test("a new version rolls one machine after the other, the guard asked before each step", async () => {
    const before = members.map((member) => deployment.ids(member));
    deployment.declare((settings) => (settings.version = "3.7.3"));
    await deployment.succeed("up");
    expect(deployment.guardedSteps()).toEqual(members.flatMap(replacement));

    const after = members.map((member) => deployment.ids(member));
    after.forEach(([instance, attachment, volume, networkInterface], index) => {
      const [oldInstance, oldAttachment, oldVolume, oldInterface] = before[index]!;
      expect([instance === oldInstance, attachment === oldAttachment]).toEqual([false, false]);
      expect([volume, networkInterface]).toEqual([oldVolume, oldInterface]);
    });
    await deployment.succeed("up", "--expect-no-changes");
  });

  test("another instance type is one stop and start after the other, each guarded", async () => {
    const before = members.map((member) => deployment.ids(member));
    deployment.declare((settings) => settings.members.forEach((member) => (member.fallback = true)));
    await deployment.succeed("up");
    expect(deployment.guardedSteps()).toEqual(
      members.flatMap((member) => [
        "guard",
        `stop Instance ${member}`,
        `update Instance ${member}`,
        `start Instance ${member}`,
      ]),
    );
    expect(members.map((member) => deployment.ids(member))).toEqual(before);
  });

  test("a tag stops no machine", async () => {
    deployment.declare((settings) => (settings.tags = { team: "storage" }));
    await deployment.succeed("up");
    expect(new Set(deployment.steps())).toEqual(
      new Set(members.map((member) => `update Instance ${member}`)),
    );
  });

  test("a machine that AWS cannot make leaves four of five, and the next update goes on", async () => {
    const before = members.map((member) => deployment.ids(member));
    deployment.declare((settings) => (settings.version = "3.7.3"));
    deployment.refused.set("create Instance member3", "InsufficientInstanceCapacity: none of this type here");
    expect(await deployment.fail("up")).toContain("InsufficientInstanceCapacity: none of this type here");
    expect(deployment.ids("member3").slice(0, 2)).toEqual(["none", "none"]);
    expect(members.slice(3).map((member) => deployment.ids(member))).toEqual(before.slice(3));

    deployment.refused.clear();
    await deployment.succeed("up");
    expect(deployment.guardedSteps()).toEqual([
      // The engine deletes the attachment once more, which is gone.
      "guard",
      "create Instance member3",
      "create VolumeAttachment member3",
      ...members.slice(3).flatMap(replacement),
    ]);
    await deployment.succeed("up", "--expect-no-changes");
  });
});
