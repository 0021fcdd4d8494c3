import { isAllowed, type Request } from "../../drill/world/permissions";
import { longestPolicy, permissionsOf, type DeployStatement } from "../../plan/permissions/documents";
import { record } from "../../record";
import { loadStack, withSettings } from "../../record/project";
import { ofType, type Recording } from "../../record/recording";
import { runCommand } from "../fixtures/commands";
import { declaration, root } from "../fixtures/declarations";

let prod: Recording;
let statements: DeployStatement[];
beforeAll(async () => {
  prod = await record(loadStack(root, "prod"));
  statements = statementsOf(prod);
});

function statementsOf(recording: Recording): DeployStatement[] {
  return Object.values(permissionsOf(recording)).flatMap(({ Statement }) => Statement);
}

/** Statements of which a test knows the conditions. */
const allowed = (request: Request) =>
  isAllowed(
    statements.filter(({ Sid }) => !["AttachedPolicies", "Names"].includes(Sid)),
    request,
  );

const inRegion = (service: string, resource: string) =>
  `arn:aws:${service}:eu-central-1:123456789012:${resource}`;
const own = { "aws:ResourceTag/etcd:cluster": "prod" };
const foreign = { "aws:ResourceTag/etcd:cluster": "dev" };
const requested = { "aws:RequestTag/etcd:cluster": "prod" };
const role = "arn:aws:iam::123456789012:role/prod-member1-391a3b1";
const bucket = `arn:aws:s3:::prod-etcd-backups-${"0".repeat(26)}`;
const key = inRegion("kms", "key/f4a56e43-12ac-766a-9bb3-43a408bd7303");

test.each([
  ["a machine of its own is ended", "ec2:TerminateInstances", inRegion("ec2", "instance/i-1"), own],
  ["a machine is made with its tag", "ec2:RunInstances", inRegion("ec2", "instance/i-1"), requested],
  ["on an interface of its own", "ec2:RunInstances", inRegion("ec2", "network-interface/eni-1"), own],
  ["from any image", "ec2:RunInstances", "arn:aws:ec2:eu-central-1::image/ami-1", undefined],
  ["in a declared subnet", "ec2:RunInstances", inRegion("ec2", "subnet/subnet-0123456789abcdefa"), undefined],
  ["with a member's role", "iam:PassRole", role, { "iam:PassedToService": "ec2.amazonaws.com" }],
  [
    "snapshots with theirs",
    "iam:PassRole",
    "arn:aws:iam::123456789012:role/prod-65810f8",
    { "iam:PassedToService": "dlm.amazonaws.com" },
  ],
  [
    "an encrypted volume is attached",
    "kms:CreateGrant",
    key,
    { "kms:ViaService": "ec2.eu-central-1.amazonaws.com", "kms:GrantIsForAWSResource": "true" },
  ],
  [
    "a secret is stored",
    "kms:Encrypt",
    key,
    { "kms:EncryptionContext:PARAMETER_ARN": inRegion("ssm", "parameter/etcd/prod/pki/x") },
  ],
  ["a fresh key, whose tags do not count yet, is read", "kms:DescribeKey", key, undefined],
  [
    "the account's first balancer makes its role",
    "iam:CreateServiceLinkedRole",
    "arn:aws:iam::123456789012:role/aws-service-role/elasticloadbalancing.amazonaws.com/AWSServiceRoleForElasticLoadBalancing",
    { "iam:AWSServiceName": "elasticloadbalancing.amazonaws.com" },
  ],
  [
    "the guard reads statuses",
    "ssm:GetParametersByPath",
    inRegion("ssm", "parameter/etcd/prod/incarnations/1"),
    undefined,
  ],
  ["verify reads manifests", "s3:GetObject", `${bucket}/manifests/1.json`, undefined],
])("allowed: %s", (_, action, resource, context) => {
  expect(allowed({ action, resource, context })).toBe(true);
});

test.each([
  ["another cluster's machine", "ec2:TerminateInstances", inRegion("ec2", "instance/i-1"), foreign],
  ["a machine without the tag", "ec2:RunInstances", inRegion("ec2", "instance/i-1"), undefined],
  [
    "the tag on what is there already",
    "ec2:CreateTags",
    inRegion("ec2", "instance/i-1"),
    { ...foreign, ...requested },
  ],
  ["an undeclared subnet", "ec2:RunInstances", inRegion("ec2", "subnet/subnet-00000000000000000"), undefined],
  [
    "a rule of a foreign group",
    "ec2:AuthorizeSecurityGroupIngress",
    inRegion("ec2", "security-group/sg-1"),
    {},
  ],
  [
    "a member's role for another service",
    "iam:PassRole",
    role,
    { "iam:PassedToService": "lambda.amazonaws.com" },
  ],
  [
    "a role that only begins as one",
    "iam:PutRolePolicy",
    "arn:aws:iam::123456789012:role/prod-administrator",
    undefined,
  ],
  ["a grant for a person", "kms:CreateGrant", key, { "kms:ViaService": "ec2.eu-central-1.amazonaws.com" }],
  ["the end of another key", "kms:ScheduleKeyDeletion", key, foreign],
  ["another cluster's secrets", "ssm:GetParameter", inRegion("ssm", "parameter/etcd/dev/pki/x"), undefined],
  ["an end of backups", "s3:DeleteObject", `${bucket}/snapshots/1.db`, undefined],
  ["another bucket", "s3:DeleteBucket", "arn:aws:s3:::dev-etcd-backups-1", undefined],
])("not allowed: %s", (_, action, resource, context) => {
  expect(allowed({ action, resource, context })).toBe(false);
});

test("of the private zone, the cluster's names alone may change, and of policies the attached one", () => {
  const conditionOf = (sid: string) => statements.find(({ Sid }) => Sid === sid)!.Condition;
  expect(conditionOf("Names")).toEqual({
    "ForAllValues:StringLike": {
      "route53:ChangeResourceRecordSetsNormalizedRecordNames": "*.prod.etcd.internal",
    },
  });
  expect(conditionOf("AttachedPolicies")).toEqual({
    ArnEquals: {
      "iam:PolicyARN": ["arn:aws:iam::aws:policy/service-role/AWSDataLifecycleManagerServiceRole"],
    },
  });
});

test("resources have the names that statements hold them to", () => {
  const named = [
    ...ofType(prod, "aws:iam/role:Role").map(({ outputs }) => [
      "iam:GetRole",
      `arn:aws:iam::1:role/${String(outputs.name)}`,
    ]),
    ...ofType(prod, "aws:iam/policy:Policy").map(({ outputs }) => [
      "iam:GetPolicy",
      `arn:aws:iam::1:policy/${String(outputs.name)}`,
    ]),
    ...ofType(prod, "aws:iam/instanceProfile:InstanceProfile").map(({ outputs }) => [
      "iam:GetInstanceProfile",
      `arn:aws:iam::1:instance-profile/${String(outputs.name)}`,
    ]),
    ...ofType(prod, "aws:ssm/parameter:Parameter").map(({ inputs }) => [
      "ssm:PutParameter",
      inRegion("ssm", `parameter${String(inputs.name)}`),
    ]),
    ...ofType(prod, "aws:cloudwatch/metricAlarm:MetricAlarm").map(({ inputs }) => [
      "cloudwatch:PutMetricAlarm",
      inRegion("cloudwatch", `alarm:${String(inputs.name)}`),
    ]),
    ...ofType(prod, "aws:s3/bucket:Bucket").map(({ outputs }) => [
      "s3:CreateBucket",
      `arn:aws:s3:::${String(outputs.bucket)}`,
    ]),
  ] as [string, string][];
  expect(named.filter(([action, resource]) => !allowed({ action, resource }))).toEqual([]);
  const tagged = prod.resources.filter(
    ({ type }) => /^aws:(ec2|ebs)\//.test(type) && !type.includes("volumeAttachment"),
  );
  const cluster = (tags: unknown) => (tags as Record<string, string> | undefined)?.["etcd:cluster"];
  expect(tagged.filter(({ inputs }) => cluster(inputs.tags) !== "prod")).toEqual([]);
});

test("every document is one that IAM takes, and so are those of more members", async () => {
  const { members } = declaration("prod");
  const more = [13, 14].map((last) => ({
    name: `a-member-of-a-long-name-${last}`,
    subnet: "c",
    address: `10.0.3.${last}`,
  }));
  const wider = await record(withSettings(loadStack(root, "prod"), { members: [...members, ...more] }));
  for (const recording of [prod, wider]) {
    const documents = Object.entries(permissionsOf(recording));
    expect(documents.map(([name]) => name)).toEqual(
      documents.map((_, index) => `prod-etcd-deploy-${index + 1}`),
    );
    for (const [, document] of documents) {
      // No text of it has white space, which IAM does not count.
      expect(JSON.stringify(document).length).toBeLessThanOrEqual(longestPolicy);
      const sids = document.Statement.map(({ Sid }) => Sid);
      expect(sids).toEqual([...new Set(sids)]);
      expect(sids.filter((sid) => !/^[A-Za-z0-9]+$/.test(sid))).toEqual([]);
    }
  }
});

test("every type that prod and dev record has a row, and one without is named", async () => {
  const dev = await record(loadStack(root, "dev"));
  const ofDev = statementsOf(dev).flatMap(({ Sid }) => Sid);
  expect(ofDev).not.toContain("Balancers");
  expect(statements.flatMap(({ Sid }) => Sid)).toContain("Balancers");
  const queue = { ...prod.resources[0]!, type: "aws:sqs/queue:Queue" };
  expect(() => permissionsOf({ ...prod, resources: [...prod.resources, queue] })).toThrow(
    "aws:sqs/queue:Queue: no row says which actions deploy it",
  );
});

test("plan --permissions prints them by name", async () => {
  const { code, stdout, stderr } = await runCommand("plan", ["--permissions"]);
  expect([code, stderr]).toEqual([0, ""]);
  expect(JSON.parse(stdout)).toEqual(permissionsOf(prod));
});
