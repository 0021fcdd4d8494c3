import type { Deployment } from "./deployment";
import { founded, withEngine } from "./engine";

const members = ["member1", "member2", "member3", "member4", "member5"];

withEngine("the quorum guard on the real engine", () => {
  let production: Deployment;
  let deployment: Deployment;
  beforeAll(async () => (production = await founded()));
  afterAll(() => production?.end());
  beforeEach(async () => {
    deployment = await production.copy();
    deployment.declare((settings) => (settings.version = "3.6.17"));
  });
  afterEach(() => deployment.end());

  test("stops a roll whose next step would cost the quorum; others are untouched, the next update goes on", async () => {
    const before = members.map((member) => deployment.ids(member));
    // The second of the roll comes back and does not join.
    deployment.when("create Instance member2", () => deployment.silent.add("member2"));
    const said = await deployment.fail("up");
    expect(said).toMatch(/Quorum guard: member3 of prod \(i-\w+\) must not go now/);
    expect(said).toMatch(/member2: .*has not reported yet|member2: .*never reported/);
    const rolled = deployment.steps().filter((line) => line.startsWith("create Instance"));
    expect(rolled).toEqual(["create Instance member1", "create Instance member2"]);
    expect(members.slice(2).map((member) => deployment.ids(member))).toEqual(before.slice(2));

    deployment.silent.clear();
    await deployment.succeed("up");
    expect(deployment.steps().filter((line) => line.startsWith("create Instance"))).toEqual(
      members.slice(2).map((member) => `create Instance ${member}`),
    );
    await deployment.succeed("up", "--expect-no-changes");
  });

  test("waits for a member that is on its way back, and says so", async () => {
    deployment.declare((settings) => (settings.quorumGuard = { wait: 5 }));
    deployment.ill.add("member4");
    // It is well again once the guard has looked twice.
    deployment.when("ask GetParametersByPath", () => deployment.ill.clear(), 2);
    const said = await deployment.succeed("up");
    expect(said).toMatch(/member1 of prod .* waits, at most \d+ min more/);
    expect(deployment.steps().filter((line) => line.startsWith("create Instance")).length).toBe(5);
  });

  test.each([
    [
      "AWS gives no permission",
      "AccessDeniedException",
      /AWS cannot be asked how the members are: .*AccessDenied/,
    ],
    ["AWS throttles", "ThrottlingException", /AWS cannot be asked how the members are: .*Throttling/],
  ])("lets nothing go where %s", async (_, refusal, words) => {
    deployment.aws.refusals.set("GetParametersByPath", { status: 400, code: refusal, message: "no" });
    expect(await deployment.fail("up")).toMatch(words);
    expect(deployment.steps()).toEqual([]);
  });

  test("gives up on AWS where it takes a call and never answers", async () => {
    await deployment.mute();
    expect(await deployment.fail("up")).toMatch(/AWS cannot be asked how the members are: .*[Tt]imeout/);
    expect(deployment.steps()).toEqual([]);
  });

  test("lets no version change without a fresh backup", async () => {
    deployment.backedUp = false;
    expect(await deployment.fail("up")).toContain("no verified backup is younger than 60 minutes");
    expect(deployment.steps()).toEqual([]);
  });

  test("destroy is refused, and with the protection off it is done", async () => {
    expect(await deployment.fail("destroy")).toMatch(/run-program/);
    expect(await deployment.fail("destroy", "--run-program")).toMatch(/protected/);
    expect(deployment.happened.filter((line) => !line.startsWith("ask"))).toEqual([]);

    deployment.declare((settings) => {
      settings.version = "3.6.16";
      settings.deletionProtection = false;
    });
    await deployment.succeed("up");
    await deployment.succeed("destroy", "--run-program");
    expect([...deployment.resources().keys()]).toEqual([]);
  });

  test("destroy without its preview takes one machine, never the quorum, and the next update brings it back", async () => {
    deployment.declare((settings) => (settings.version = "3.6.16"));
    const volumes = members.map((member) => deployment.ids(member)[2]);
    expect(await deployment.fail("destroy", "--run-program", "--skip-preview")).toMatch(
      /Quorum guard: member\d of prod .* must not go now/,
    );
    expect(deployment.steps().filter((line) => line.startsWith("delete Instance"))).toEqual([
      "delete Instance member5",
    ]);
    await deployment.succeed("up");
    expect(deployment.steps()).toEqual(["create Instance member5", "create VolumeAttachment member5"]);
    expect(members.map((member) => deployment.ids(member)[2])).toEqual(volumes);
  });
});

withEngine("what is refused before the engine starts", () => {
  test("settings that break a rule are named, and nothing is made", async () => {
    const deployment = await founded();
    try {
      const before = [...deployment.resources().keys()].sort();
      deployment.declare(({ members }) => members.splice(4));
      for (const command of ["preview", "up"] as const) {
        const said = await deployment.fail(command);
        expect(said).toContain("etcd:members: 4 members; etcd needs an odd number");
        expect(said).not.toContain("    at ");
      }
      expect([...deployment.resources().keys()].sort()).toEqual(before);
    } finally {
      await deployment.end();
    }
  });
});
