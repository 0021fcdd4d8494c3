import { permissionsOf } from "../../plan/permissions/documents";
import { record } from "../../record";
import { loadStack, withSettings } from "../../record/project";
import { ofType, type Recording } from "../../record/recording";
import { declaration, root } from "../fixtures/declarations";

/** The production stack in another region. */
function recordIn(region: string, partition: string): Promise<Recording> {
  const { network } = declaration("prod");
  const subnets = Object.fromEntries(
    Object.entries(network.subnets).map(([key, subnet]) => [key, { ...subnet, zone: `${region}${key}` }]),
  );
  const alarms = { topicArn: `arn:${partition}:sns:${region}:123456789012:etcd` };
  const stack = withSettings(loadStack(root, "prod"), { network: { ...network, subnets }, alarms });
  return record({ ...stack, config: { ...stack.config, "aws:region": region } });
}

const distinct = (found: Iterable<string>) => [...new Set(found)].sort();

/** What in the whole plan, and in the policies of who deploys it, depends on the partition. */
function namesOf(recording: Recording) {
  const policies = permissionsOf(recording);
  const all = JSON.stringify([recording.resources, recording.outputs, policies]);
  const matches = (pattern: RegExp) => distinct([...all.matchAll(pattern)].map(([, name]) => name!));
  const [bucket] = ofType(recording, "aws:s3/bucket:Bucket");
  const [store] = ofType(recording, "aws:iam/rolePolicy:RolePolicy");
  return {
    arns: matches(/\b(arn:[a-z-]+):/g),
    endpoints: distinct(
      ofType(recording, "aws:ec2/vpcEndpoint:VpcEndpoint").map(({ inputs }) => String(inputs.serviceName)),
    ),
    trusted: distinct(
      ofType(recording, "aws:iam/role:Role").map(
        ({ inputs }) => /"Service":"([^"]+)"/.exec(String(inputs.assumeRolePolicy))![1]!,
      ),
    ),
    passedTo: distinct(
      Object.values(policies)
        .flatMap(({ Statement }) => Statement)
        .flatMap(({ Condition }) => Condition?.StringEquals?.["iam:PassedToService"] ?? []),
    ),
    through: matches(/(ec2\.[a-z0-9-]+\.amazonaws\.[a-z.]+)/g),
    bucket: String(bucket!.outputs.arn).replace(/[0-9a-f]{26}$/, "…"),
    parameters: /"(arn:[^"]*)\/etcd\/prod\/desired"/.exec(String(store!.inputs.policy))![1]!,
  };
}

const services = ["kms", "monitoring", "s3", "ssm", "ssmmessages"];

test.each([
  {
    region: "eu-central-1",
    partition: "aws",
    endpoints: services.map((name) => `com.amazonaws.eu-central-1.${name}`),
    trusted: ["dlm.amazonaws.com", "ec2.amazonaws.com"],
    through: ["ec2.eu-central-1.amazonaws.com"],
  },
  {
    region: "cn-north-1",
    partition: "aws-cn",
    endpoints: [
      "cn.com.amazonaws.cn-north-1.monitoring",
      "cn.com.amazonaws.cn-north-1.s3",
      "com.amazonaws.cn-north-1.kms",
      "com.amazonaws.cn-north-1.ssm",
      "com.amazonaws.cn-north-1.ssmmessages",
    ],
    trusted: ["dlm.amazonaws.com", "ec2.amazonaws.com.cn"],
    through: ["ec2.cn-north-1.amazonaws.com.cn"],
  },
  {
    region: "us-gov-west-1",
    partition: "aws-us-gov",
    endpoints: services.map((name) => `com.amazonaws.us-gov-west-1.${name}`),
    trusted: ["dlm.amazonaws.com", "ec2.amazonaws.com"],
    through: ["ec2.us-gov-west-1.amazonaws.com"],
  },
  {
    region: "eusc-de-east-1",
    partition: "aws-eusc",
    endpoints: services.map((name) => `com.amazonaws.eusc-de-east-1.${name}`),
    trusted: ["dlm.amazonaws.com", "ec2.amazonaws.com"],
    through: ["ec2.eusc-de-east-1.amazonaws.eu"],
  },
])(
  "the whole stack in $region bears the names of $partition alone",
  async ({ region, partition, ...names }) => {
    const { endpoints, trusted, through } = names;
    expect(namesOf(await recordIn(region, partition))).toEqual({
      arns: [`arn:${partition}`],
      ...{ endpoints, trusted, passedTo: trusted, through },
      bucket: `arn:${partition}:s3:::prod-etcd-backups-…`,
      parameters: `arn:${partition}:ssm:${region}:123456789012:parameter`,
    });
  },
);
