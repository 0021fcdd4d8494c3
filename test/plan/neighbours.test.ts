import { incarnationKeys } from "../../contract/paths";
import { isAllowed } from "../../drill/world/permissions";
import type { Statement } from "../../machine/allowedActions";
import { permissionsOf } from "../../plan/permissions/documents";
import { record } from "../../record";
import { loadStack, withSettings } from "../../record/project";
import { ofType, type RecordedResource, type Recording } from "../../record/recording";
import { declaration, root } from "../fixtures/declarations";

/** Names of which one begins or ends as another does, or as something of another does. */
const names = ["prod", "prod-eu", "prod-etcd", "prod-etcd-backups"] as const;

const recordings = new Map<string, Recording>();
beforeAll(async () => {
  for (const cluster of names) recordings.set(cluster, await recordOf(cluster));
});

function recordOf(cluster: string, more: Record<string, unknown> = {}): Promise<Recording> {
  return record(withSettings(loadStack(root, "prod"), { cluster, ...more }));
}

const pairs = names.flatMap((one) => names.filter((other) => other !== one).map((other) => [one, other]));

/** What AWS knows a cluster's resources by, where the program says it: a second of the name is refused, or overwrites. */
function namesIn(recording: Recording): string[] {
  return recording.resources
    .filter(({ type }) => type.startsWith("aws:"))
    .flatMap(({ type, inputs }) => {
      const name = inputs.name ?? inputs.bucketPrefix;
      const kind = type === "aws:route53/record:Record" ? `${type} ${String(inputs.type)}` : type;
      return name === undefined ? [] : [`${kind} ${text(name)}`];
    });
}

const arnOf = (service: string, resource: string) =>
  `arn:aws:${service}:eu-central-1:123456789012:${resource}`;
const text = (value: unknown) => String(value);

/** ARNs of everything that bears a cluster's name: what Pulumi makes, and what machines write. */
function arnsOf(recording: Recording): string[] {
  const of = (type: string, arn: (each: RecordedResource) => string[]) =>
    ofType(recording, type).flatMap(arn);
  const { cluster } = ofType(recording, "etcd:index:EtcdCluster")[0]!.inputs as { cluster: string };
  const keys = incarnationKeys(cluster, "4711");
  const written = [
    keys.status("member1"),
    keys.generation(1),
    keys.started(1, "member1"),
    keys.backupRequest,
  ];
  const inIam = (kind: string) => (each: RecordedResource) => [
    `arn:aws:iam::123456789012:${kind}/${text(each.outputs.name)}`,
  ];
  return [
    ...of("aws:ssm/parameter:Parameter", ({ outputs }) => [text(outputs.arn)]),
    ...written.map((name) => arnOf("ssm", `parameter${name}`)),
    ...of("aws:s3/bucket:Bucket", ({ outputs: { arn } }) =>
      ["", "/snapshots/1.db", "/manifests/1.json", "/claims/1/1"].map((key) => `${text(arn)}${key}`),
    ),
    ...of("aws:kms/alias:Alias", ({ inputs }) => [arnOf("kms", text(inputs.name))]),
    ...of("aws:iam/role:Role", inIam("role")),
    ...of("aws:iam/policy:Policy", inIam("policy")),
    ...of("aws:iam/instanceProfile:InstanceProfile", inIam("instance-profile")),
    ...of("aws:cloudwatch/metricAlarm:MetricAlarm", ({ inputs }) => [
      arnOf("cloudwatch", `alarm:${text(inputs.name)}`),
    ]),
    ...of("aws:lb/loadBalancer:LoadBalancer", ({ inputs }) =>
      ["loadbalancer", "listener"].map((kind) =>
        arnOf("elasticloadbalancing", `${kind}/net/${text(inputs.name)}/0123`),
      ),
    ),
    ...of("aws:lb/targetGroup:TargetGroup", ({ inputs }) => [
      arnOf("elasticloadbalancing", `targetgroup/${text(inputs.name)}/0123`),
    ]),
  ];
}

/** Statements of the roles of machines and API servers. */
function grantedIn(recording: Recording): Statement[] {
  return ["aws:iam/rolePolicy:RolePolicy", "aws:iam/policy:Policy"]
    .flatMap((type) => ofType(recording, type))
    .flatMap(({ inputs }) => (JSON.parse(text(inputs.policy)) as { Statement: Statement[] }).Statement);
}

/** What statements are about, among these, whatever they allow there; patterns of a condition are about it as well. */
function reached(statements: readonly Statement[], arns: readonly string[]): string[] {
  const patterns = statements.flatMap(({ Resource, Condition = {} }) => [
    ...Resource,
    ...Object.values(Condition)
      .flatMap((tests) => Object.values(tests))
      .flat()
      .filter((value) => value.startsWith("arn:")),
  ]);
  const Resource = [...new Set(patterns)].filter((pattern) => pattern !== "*");
  const anything: Statement = { Sid: "Anything", Effect: "Allow", Action: ["*"], Resource };
  return arns.filter((resource) => isAllowed([anything], { action: "any:Action", resource }));
}

/** What who deploys may do to what is there by its name, not by its tag. */
function deployingIn(recording: Recording): Statement[] {
  return Object.values(permissionsOf(recording)).flatMap(({ Statement }) => Statement);
}

describe.each(pairs as [string, string][])(
  "beside each other in one account and region: %s, %s",
  (one, other) => {
    test("nothing of the one has a name of the other", () => {
      const taken = new Set(namesIn(recordings.get(other)!));
      expect(namesIn(recordings.get(one)!).filter((name) => taken.has(name))).toEqual([]);
    });

    test("roles of the one reach nothing of the other", () => {
      const statements = grantedIn(recordings.get(one)!);
      expect(reached(statements, arnsOf(recordings.get(one)!))).not.toEqual([]);
      expect(reached(statements, arnsOf(recordings.get(other)!))).toEqual([]);
    });

    test("who deploys the one changes nothing of the other", () => {
      const statements = deployingIn(recordings.get(one)!);
      expect(reached(statements, arnsOf(recordings.get(other)!))).toEqual([]);
    });
  },
);

test("a member called as another cluster ends has alarms of its own", async () => {
  const { members } = declaration("prod");
  const named = members.map((member) => ({ ...member, name: `etcd-${member.name}` }));
  const taken = new Set(namesIn(recordings.get("prod-etcd")!));
  const prod = await recordOf("prod", { members: named });
  expect(namesIn(prod).filter((name) => taken.has(name))).toEqual([]);
  // Of roles, "prod-etcd-member1-" begins both names, and who deploys the one reaches the other's: docs say so.
  const changed = (by: Recording, of: Recording) =>
    reached(deployingIn(by), arnsOf(of)).filter((arn) => !/:(role|instance-profile)\//.test(arn));
  expect(changed(recordings.get("prod-etcd")!, prod)).toEqual([]);
  expect(changed(prod, recordings.get("prod-etcd")!)).toEqual([]);
});

test("who deploys may take away what a replaced member leaves", async () => {
  const { members } = declaration("prod");
  const [, ...others] = members;
  const newcomer = { name: "member6", subnet: "a", address: "10.0.1.16", replaces: { name: "member1" } };
  const statements = deployingIn(await recordOf("prod", { members: [newcomer, ...others] }));
  const left = arnsOf(recordings.get("prod")!).filter((arn) => /(:role|profile|alarm).*member1/.test(arn));
  expect(left).toHaveLength(3);
  expect(reached(statements, left)).toEqual(left);
});

test("of two clusters in a VPC, the second reaches the endpoints of the first and makes none", async () => {
  const { network } = declaration("prod");
  const second = await recordOf("prod-eu", { network: { ...network, outbound: "existingEndpoints" } });
  const first = recordings.get("prod")!;
  const endpoint = "aws:ec2/vpcEndpoint:VpcEndpoint";
  expect(ofType(first, endpoint)).not.toEqual([]);
  expect(ofType(second, endpoint)).toEqual([]);
  const ranges = (recording: Recording, kind: "Ingress" | "Egress") =>
    ofType(recording, `aws:vpc/securityGroup${kind}Rule:SecurityGroup${kind}Rule`)
      .filter(({ inputs }) => inputs.fromPort === 443 && inputs.cidrIpv4 !== undefined)
      .map(({ inputs }) => inputs.cidrIpv4);
  expect(ranges(second, "Egress").sort()).toEqual(ranges(first, "Ingress").sort());
});

test("of one name in two regions, machines' roles reach only their own region", async () => {
  const { network, alarms } = declaration("prod");
  const subnets = Object.fromEntries(
    Object.entries(network.subnets).map(([key, subnet]) => [
      key,
      { ...subnet, zone: subnet.zone.replace("eu-central-1", "eu-west-1") },
    ]),
  );
  const topicArn = alarms!.topicArn.replace("eu-central-1", "eu-west-1");
  const stack = withSettings(loadStack(root, "prod"), {
    network: { ...network, subnets },
    alarms: { topicArn },
  });
  const there = await record({ ...stack, config: { ...stack.config, "aws:region": "eu-west-1" } });
  const parameters = arnsOf(recordings.get("prod")!).filter((arn) => arn.includes(":ssm:"));
  expect(reached(grantedIn(there), parameters)).toEqual([]);
  expect(reached(deployingIn(there), parameters)).toEqual([]);
  // IAM is one for all regions, and buckets' names are one for all accounts: what has a name there has digits behind it.
  const fixed = ["role:Role", "instanceProfile:InstanceProfile", "policy:Policy", "bucket:Bucket"].flatMap(
    (kind) => there.resources.filter(({ type }) => type.endsWith(`/${kind}`)),
  );
  expect(fixed.length).toBeGreaterThan(5);
  expect(fixed.filter(({ inputs }) => inputs.name !== undefined || inputs.bucket !== undefined)).toEqual([]);
});
