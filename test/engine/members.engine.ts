import type { ClusterDeclaration } from "../../spec";
import type { Deployment } from "./deployment";
import { declared, founded, withEngine } from "./engine";

withEngine("members that come and go on the real engine", () => {
  let production: Deployment;
  let deployment: Deployment;
  beforeAll(async () => (production = await founded()));
  afterAll(() => production?.end());
  beforeEach(async () => (deployment = await production.copy()));
  afterEach(() => deployment.end());

  test("member6 takes member1's place; the volume of member1 stays until `replaces` is dropped", async () => {
    const others = ["member2", "member3", "member4", "member5"];
    const before = others.map((member) => deployment.ids(member));
    const volume = deployment.resources().get("Volume member1")!.id;
    // Its machine is gone, and with it what etcd ran on.
    deployment.ill.add("member1");
    deployment.declare(({ members }) => {
      members[0] = {
        name: "member6",
        subnet: "a",
        address: "10.0.1.16",
        replaces: { name: "member1" },
      };
    });
    // The policies see a retired member for what it is.
    await deployment.succeed("preview", "--policy-pack", "policies");
    await deployment.succeed("up");
    expect(deployment.guardedSteps()).toEqual([
      "create Instance member6",
      "create VolumeAttachment member6",
      "guard",
      "delete Instance member1",
    ]);
    expect(others.map((member) => deployment.ids(member))).toEqual(before);
    expect(deployment.ids("member1")).toEqual(["none", "none", volume, "none"]);

    deployment.declare(({ members }) => delete members[0]!.replaces);
    await deployment.succeed("up");
    expect(deployment.steps()).toEqual([]);
    expect(deployment.ids("member1")).toEqual(["none", "none", "none", "none"]);
    expect(others.map((member) => deployment.ids(member))).toEqual(before);
  });

  test.each<[string, (members: ClusterDeclaration["members"]) => void]>([
    ["two at once", (members) => void members.splice(3)],
    [
      "one in whose place stands another that does not replace it",
      (members) => (members[4] = { name: "member6", subnet: "b", address: "10.0.2.16" }),
    ],
  ])("members dropped from the settings, %s, stay in preview and update", async (_, drop) => {
    const before = ["member4", "member5"].map((member) => deployment.ids(member));
    deployment.declare(({ members }) => drop(members));
    for (const command of ["preview", "up"] as const) {
      const said = await deployment.fail(command);
      expect(said).toMatch(/Quorum guard: member\d of prod .* must not go now/);
      expect(said).toContain("members neither list it nor name it in a replaces");
      // Without its preview an update deletes side by side what hangs on nothing: an alarm is gone by then.
      const gone = deployment.happened.filter((line) => /^(delete|stop)/.test(line));
      expect(gone.filter((line) => !line.startsWith("delete MetricAlarm"))).toEqual([]);
      if (command === "preview") expect(gone).toEqual([]);
    }
    expect(["member4", "member5"].map((member) => deployment.ids(member))).toEqual(before);
  });

  test("all addresses changed at once are refused in preview and update, before anything goes", async () => {
    deployment.declare(({ members }) =>
      members.forEach((member) => (member.address = member.address.replace(/1(\d)$/, "2$1"))),
    );
    for (const command of ["preview", "up"] as const) {
      expect(await deployment.fail(command)).toMatch(
        /its address changes from 10\.0\.\d\.1\d to 10\.0\.\d\.2\d/,
      );
      expect(deployment.steps()).toEqual([]);
    }
  });
});

withEngine("a cluster that grows on the real engine", () => {
  test("3 → 5: the two are made one after the other, nothing of the three is touched", async () => {
    const deployment = await declared();
    try {
      const all = ["member1", "member2", "member3", "member4", "member5"];
      const last: object[] = [];
      deployment.declare(({ members }) => void last.push(...members.splice(3)));
      await deployment.succeed("up");
      const made = (members: string[]) =>
        members.flatMap((member) => [`create Instance ${member}`, `create VolumeAttachment ${member}`]);
      expect(deployment.steps()).toEqual(made(all.slice(0, 3)));
      const before = all.slice(0, 3).map((member) => deployment.ids(member));
      deployment.declare((settings) => settings.members.push(...(last as typeof settings.members)));
      await deployment.succeed("up");
      expect(deployment.steps()).toEqual(made(all.slice(3)));
      expect(all.slice(0, 3).map((member) => deployment.ids(member))).toEqual(before);
    } finally {
      await deployment.end();
    }
  });
});
