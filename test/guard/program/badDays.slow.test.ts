import { attachmentType, Deployment, members, minute, said, type Run } from "./deployment";

const deployment = new Deployment();
const { aws } = deployment;
let shared: Run;
beforeAll(async () => {
  await deployment.start();
  shared = deployment.run();
});
afterAll(async () => {
  await shared.end();
  await deployment.stop();
});
beforeEach(() => deployment.healthy());

const answer = () => shared.step(attachmentType, "member1");

test("status records that stopped coming", async () => {
  for (const member of members) deployment.reports(member, {}, 5 * minute);
  expect(await answer()).toMatch(
    /member2: its last report is of .* \(5 min ago\); it reports every 30 s, and counts for 90 s/,
  );
});

test("a status record that is missing", async () => {
  aws.parameters.delete(`${deployment.path}/status/member3`);
  expect(await answer()).toMatch(/member3: its machine i-[0-9a-f]+ has never reported, running since/);
});

test.each([
  ["no JSON", "{", /status\/member3: "\{" is no JSON/],
  ["null", "null", /status\/member3: null must be of type object/],
  ["another member's", JSON.stringify({ member: "member1" }), /status\/member3: instance is missing/],
  ["escape sequences", "\u001b[2J\u001b]0;owned\u0007", /status\/member3: .* is no JSON/],
])(
  "a status record that is %s: it is named, by its key, and printed as plain text",
  async (_, value, rule) => {
    aws.parameters.set(`${deployment.path}/status/member3`, { value, modified: aws.now });
    const told = await answer();
    expect(told).toContain("member3: its status record breaks its schema and counts for nothing: ");
    expect(told).toMatch(rule);
    // eslint-disable-next-line no-control-regex
    expect(told).not.toMatch(/[\u0000-\u0009\u000b-\u001f]/);
  },
);

test("the cluster's record breaks its schema: nothing goes by it", async () => {
  aws.parameters.set("/etcd/prod/desired", { value: "null", modified: aws.now });
  expect(await answer()).toContain("BrokenRecord: /etcd/prod/desired: null must be of type object");
});

test("a status record that names a machine of before", async () => {
  deployment.reports("member3", { instance: "i-0123456789abcdef1" });
  expect(await answer()).toMatch(
    /member3: .* of an earlier machine, i-0123456789abcdef1; i-[0-9a-f]+ has not reported yet/,
  );
});

test("a member whose machine was started again and has not reported since", async () => {
  const machine = aws.instances.find(({ id }) => id === deployment.instanceOf("member3"))!;
  machine.launched = aws.now - 1_000;
  expect(await answer()).toMatch(/member3: .* from before i-[0-9a-f]+ was started again/);
});

test("a balancer that fails open: every target unhealthy", async () => {
  const states = aws.targetGroups.get("prod-etcd")!;
  for (const address of Object.keys(states)) states[address] = "unhealthy";
  expect(await answer()).toMatch(/member2: the balancer's state for 10.0.2.11 is unhealthy/);
});

test.each(["draining", "unused", "initial"])("a target that is %s", async (state) => {
  aws.targetGroups.get("prod-etcd")!["10.0.2.11"] = state;
  expect(await answer()).toContain(`member2: the balancer's state for 10.0.2.11 is ${state}`);
});

test("a target group that is gone", async () => {
  aws.targetGroups.clear();
  expect(await answer()).toContain("member2: the balancer's state for 10.0.2.11 is unregistered");
});

test.each([
  ["GetParametersByPath", 400, "ThrottlingException", "ssm:GetParametersByPath: ThrottlingException: no"],
  ["DescribeInstances", 503, "RequestLimitExceeded", "ec2:DescribeInstances: RequestLimitExceeded: no"],
  ["DescribeTargetHealth", 400, "Throttling", "elasticloadbalancing:DescribeTargetHealth: Throttling: no"],
  ["GetParameter", 500, "InternalServerError", "ssm:GetParameter: InternalServerError: no"],
])(
  "AWS throttles or fails %s: it waits, and at the end refuses with AWS' answer",
  async (action, status, code, expected) => {
    aws.refusals.set(action, { status, code, message: "no" });
    const said = await answer();
    expect(said).toContain(`AWS cannot be asked how the members are: ${expected}`);
    expect(said).toContain("Run pulumi up again when AWS answers.");
  },
);

test("AWS throttles for a while: it waits and goes on", async () => {
  aws.refusals.set("GetParametersByPath", {
    status: 400,
    code: "ThrottlingException",
    message: "Rate exceeded",
  });
  let calls = 0;
  aws.onCall = (action) => {
    // The SDK itself asks three times.
    if (action === "GetParametersByPath" && ++calls === 4) aws.refusals.clear();
  };
  const recording = await deployment.during({ quorumGuard: { wait: 5 } }, async (step) => {
    expect(await step(attachmentType, "member1")).toBe("allowed");
  });
  expect(said(recording)).toMatch(/waits, at most 5 min more:\n.*ThrottlingException: Rate exceeded/);
});

test("AWS forbids a call: it refuses at once, however long it might wait, with what to do", async () => {
  await deployment.during({ quorumGuard: { wait: 120 } }, async (step) => {
    for (const [action, status, code] of [
      ["GetParameter", 400, "AccessDeniedException"],
      ["DescribeInstances", 403, "UnauthorizedOperation"],
      ["DescribeTargetGroups", 403, "AccessDenied"],
    ] as const) {
      aws.refusals.clear();
      aws.refusals.set(action, { status, code, message: "User is not authorized" });
      const said = await step(attachmentType, "member1");
      expect(said).toContain(`${action}: ${code}: User is not authorized`);
      expect(said).toContain("permissions that docs/quorum-guard.md lists");
    }
  });
});

test("the cluster's record is missing: no guess that it never formed", async () => {
  aws.parameters.clear();
  expect(await answer()).toContain("ssm:GetParameter: ParameterNotFound");
});

test("the deployer's clock is off, as it is here: AWS' own decides", async () => {
  expect(Math.abs(aws.now - Date.now())).toBeGreaterThan(2 * minute);
  expect(await answer()).toBe("allowed");
});

test("a member's clock is wrong", async () => {
  deployment.reports("member3", { time: new Date(aws.now - 10 * minute).toISOString() });
  expect(await answer()).toMatch(/member3: .* its clock is more than 60 s off, or the report is a copy/);
});
