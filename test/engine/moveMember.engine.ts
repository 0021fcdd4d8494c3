import { commandsOf } from "../../drill/harness/runBook";
import type { Deployment } from "./deployment";
import { founded, withEngine } from "./engine";
import { typed } from "./typed";

const [declare, deploy, outputs, drop] = commandsOf("move-a-member").filter((block) =>
  block.startsWith("pulumi "),
) as [string, string, string, string];
const others = ["member2", "member3", "member4", "member5"];

withEngine("the run-book move-a-member, typed as it stands there", () => {
  let production: Deployment;
  let deployment: Deployment;
  beforeAll(async () => (production = await founded()));
  afterAll(() => production?.end());
  beforeEach(async () => (deployment = await production.copy()));
  afterEach(() => deployment.end());

  const type = async (text: string) => {
    deployment.happened.length = 0;
    await typed(deployment, text);
  };
  /** What happened to the balancer, the endpoints and who may reach them. */
  const entries = () =>
    deployment.happened.filter((line) =>
      /^(?!ask)\w+ (LoadBalancer|Listener|TargetGroup|TargetGroupAttachment|VpcEndpoint|SecurityGroup\w*) /.test(
        line,
      ),
    );
  const zoneOf = (volume: string) => deployment.resources().get(`Volume ${volume}`)?.inputs.availabilityZone;

  test("member6 in zone c takes the place of member1 in zone a; balancer and endpoints stand still", async () => {
    const before = others.map((member) => deployment.ids(member));
    const volume = deployment.resources().get("Volume member1")!.id;

    await type(declare);
    await type(deploy);
    expect(deployment.guardedSteps()).toEqual([
      // For the preview that an update begins with.
      "guard",
      "create Instance member6",
      "create VolumeAttachment member6",
      "guard",
      "delete Instance member1",
    ]);
    expect(entries()).toEqual([
      "create TargetGroupAttachment member6",
      "delete TargetGroupAttachment member1",
    ]);
    expect([zoneOf("member6"), zoneOf("member1")]).toEqual(["eu-central-1c", "eu-central-1a"]);
    expect(deployment.ids("member1")).toEqual(["none", "none", volume, "none"]);
    await type(outputs);

    await type(drop);
    const happened = deployment.happened.filter((line) => !line.startsWith("ask"));
    expect(happened).toEqual(["update Parameter desired", "delete Volume member1"]);
    expect(others.map((member) => deployment.ids(member))).toEqual(before);
  });

  test("a group that is taken off a list, or put before the others, touches no rule but its own", async () => {
    const second = "sg-0fedcba9876543210";
    deployment.declare(({ network }) => network.apiServerSecurityGroups.push(second));
    await deployment.succeed("up");
    const added = deployment.happened.filter((line) => !line.startsWith("ask"));
    expect(added.filter((line) => !/^create SecurityGroup\w+Rule /.test(line))).toEqual([]);

    deployment.declare(({ network }) => network.apiServerSecurityGroups.reverse());
    await deployment.succeed("up");
    expect(deployment.happened.filter((line) => !line.startsWith("ask"))).toEqual([]);

    deployment.declare(({ network }) => {
      network.apiServerSecurityGroups = network.apiServerSecurityGroups.filter((group) => group !== second);
    });
    await deployment.succeed("up");
    expect(deployment.happened.filter((line) => !line.startsWith("ask")).sort()).toEqual(
      added.map((line) => line.replace("create", "delete")).sort(),
    );
    expect(added.length).toBeGreaterThan(0);
  });

  test("to a subnet that joins a zone beside another; a `replaces` that forgets where the volume lies loses none", async () => {
    const volume = deployment.resources().get("Volume member1")!.id;
    deployment.declare(({ network }) => {
      network.entrySubnets = ["a", "b", "c"];
      // By its key it would stand before c.
      network.subnets.beside = {
        id: "subnet-0123456789abcdefd",
        zone: "eu-central-1c",
        range: "10.0.4.0/24",
      };
    });
    await deployment.succeed("up");
    expect(entries()).toEqual([]);

    deployment.declare(({ members }) => {
      const replaces = { name: "member1" };
      members[0] = { name: "member6", subnet: "beside", address: "10.0.4.16", replaces };
    });
    await deployment.succeed("up");
    expect(entries()).toEqual([
      "create TargetGroupAttachment member6",
      "delete TargetGroupAttachment member1",
    ]);
    expect(deployment.resources().get("Volume member1")?.id).toBe(volume);
  });
});
