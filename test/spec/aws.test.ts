import type { ClusterDeclaration } from "../../spec";
import { parseCluster } from "../../spec";
import { instanceTypeProblem } from "../../spec/aws/instanceTypes";
import {
  endpointServiceName,
  findPartition,
  regionOfZone,
  servicePrincipal,
} from "../../spec/aws/partitions";
import { volumeProblems } from "../../spec/aws/volumes";
import { sizes } from "../../spec/sizes";
import { declaration } from "../fixtures/declarations";

/** Problems of the production stack after a change, as a person reads them. */
function problems(change: (declared: ClusterDeclaration) => void, region?: string): string[] {
  const declared = declaration("prod");
  change(declared);
  const parsed = parseCluster(declared, region);
  return "problems" in parsed ? parsed.problems.map(({ path, message }) => `${path}: ${message}`) : [];
}

/** The production stack in another region: its zones and its topic. */
function inRegion(region: string, partition = "aws") {
  return (declared: ClusterDeclaration) => {
    for (const [name, subnet] of Object.entries(declared.network.subnets)) subnet.zone = `${region}${name}`;
    declared.alarms = { topicArn: `arn:${partition}:sns:${region}:123456789012:etcd` };
  };
}

const many = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, i) => [`k${i}`, "v"]));

type Refusal = [what: string, change: (declared: ClusterDeclaration) => void, problem: RegExp];
const refusals: Refusal[] = [
  [
    "a member of the balancer's name",
    (d) => (d.members[0]!.name = "etcd"),
    /^members\[0\]\.name: "etcd" is the load balancer's/,
  ],
  [
    "a balancer's name that begins with internal-",
    (d) => (d.cluster = "internal"),
    /^cluster: "internal" makes internal-etcd, and a load balancer's name must not begin with "internal-" \(AWS\)/,
  ],
  ["the same, further on", (d) => (d.cluster = "internal-eu"), /^cluster: "internal-eu" .* "internal-"/],
  [
    "a security group's name like an id",
    (d) => (d.cluster = "sg-one"),
    /^cluster: .* security group's name .* "sg-"/,
  ],
  [
    "a bucket's name that S3 keeps for itself",
    (d) => (d.cluster = "sthree-a"),
    /^cluster: .* bucket's name .* "sthree-"/,
  ],
  ["a bucket's name in punycode", (d) => (d.cluster = "xn--a"), /^cluster: .* bucket's name .* "xn--"/],
  [
    "a domain too long for its members",
    (d) => (d.network.privateZone.name = `${Array(4).fill("a".repeat(60)).join(".")}.internal`),
    /^members\[0\]\.name: .* DNS takes 253 characters/,
  ],
  [
    "a label too long for DNS",
    (d) => (d.network.privateZone.name = `${"a".repeat(64)}.internal`),
    /DNS takes 63 characters between two dots/,
  ],
  [
    "more tags than a machine takes",
    (d) => (d.tags = many(44)),
    /^tags: 44 tags; with .* own 7, .* AWS takes 50: drop 1$/,
  ],
  [
    "a tag's long value",
    (d) => (d.tags = { team: "x".repeat(257) }),
    /^tags\.team: the value has 257 characters; AWS takes 256$/,
  ],
  [
    "a tag's long key",
    (d) => (d.tags = { ["k".repeat(129)]: "x" }),
    /: the key has 129 characters; AWS takes 128$/,
  ],
  ["a tag without a key", (d) => (d.tags = { "": "x" }), /^tags\.: the key is empty/],
  [
    "a tag's odd characters",
    (d) => (d.tags = { team: "a;b" }),
    /^tags\.team: the value "a;b" has characters that AWS does not allow/,
  ],
  [
    "a Name of one's own",
    (d) => (d.tags = { Name: "mine" }),
    /^tags\.Name: this project sets every resource's Name/,
  ],
  [
    "the same in small letters, one to IAM",
    (d) => (d.tags = { name: "mine" }),
    /^tags\.name: this project sets every resource's Name/,
  ],
  [
    "AWS' tags in capitals",
    (d) => (d.tags = { "AWS:x": "1" }),
    /^tags\.AWS:x: must not begin with aws:, in upper or lower case/,
  ],
  [
    "this project's tags in capitals",
    (d) => (d.tags = { "Etcd:cluster": "1" }),
    /^tags\.Etcd:cluster: must not begin with etcd:/,
  ],
  [
    "two tags that IAM takes for one",
    (d) => (d.tags = { team: "a", Team: "b" }),
    /^tags\.Team: differs from "team" only in case/,
  ],
  [
    "a fallback of another architecture",
    (d) => (d.machine.fallbackInstanceType = "m7g.xlarge"),
    /^machine\.fallbackInstanceType: "m7g\.xlarge" is arm64, but machine\.architecture is amd64/,
  ],
  [
    "a burstable fallback",
    (d) => (d.machine.fallbackInstanceType = "t3.xlarge"),
    /"t3\.xlarge" is burstable/,
  ],
  [
    "a fallback without NVMe",
    (d) => (d.machine.fallbackInstanceType = "m4.xlarge"),
    /"m4\.xlarge" runs on the Xen hypervisor/,
  ],
  [
    "a fallback on a dedicated host",
    (d) => (d.machine.fallbackInstanceType = "mac2.metal"),
    /dedicated hosts only/,
  ],
  [
    "a fallback that is no type",
    (d) => (d.machine.fallbackInstanceType = "big"),
    /must be an EC2 instance type/,
  ],
  [
    "a subnet under two keys",
    (d) => (d.network.subnets.b!.id = d.network.subnets.a!.id),
    /^network\.subnets\.b\.id: "subnet-\w+" is already a's/,
  ],
  [
    "subnets that overlap",
    (d) =>
      (d.network.subnets.d = { id: "subnet-0123456789abcdefd", zone: "eu-central-1a", range: "10.0.0.0/16" }),
    /^network\.subnets\.d\.range: "10\.0\.0\.0\/16" overlaps a's 10\.0\.1\.0\/24/,
  ],
  [
    "a security group listed twice",
    (d) => d.network.apiServerSecurityGroups.push("sg-0123456789abcdef0"),
    /^network\.apiServerSecurityGroups\[1\]: "sg-0123456789abcdef0" is already listed/,
  ],
  [
    "a balancer in two subnets of a zone",
    (d) => {
      d.network.subnets.d = { id: "subnet-0123456789abcdefd", zone: "eu-central-1a", range: "10.0.4.0/24" };
      d.network.entrySubnets = ["a", "d"];
    },
    /^network\.entrySubnets\[1\]: "d" is in eu-central-1a, like a; a balancer takes one subnet per zone/,
  ],
  [
    "a balancer in a subnet that is not declared",
    (d) => (d.network.entrySubnets = ["z"]),
    /^network\.entrySubnets\[0\]: "z" is not a key of network\.subnets \(a, b, c\)/,
  ],
  [
    "an id of no length that AWS has",
    (d) => (d.network.apiServerSecurityGroups = ["sg-0123456789"]),
    /^network\.apiServerSecurityGroups\[0\]: "sg-0123456789" must be an id such as/,
  ],
  [
    "a zone's id for its name",
    (d) => (d.network.subnets.a!.zone = "euc1-az1"),
    /^network\.subnets\.a\.zone: "euc1-az1" must be the name of a zone/,
  ],
  [
    "a zone of another region",
    (d) => (d.network.subnets.c!.zone = "eu-west-1c"),
    /^network\.subnets\.c\.zone: "eu-west-1c" is in region eu-west-1, not eu-central-1/,
  ],
  [
    "a topic of another region",
    (d) => (d.alarms = { topicArn: "arn:aws:sns:eu-west-1:123456789012:etcd" }),
    /^alarms\.topicArn: .* is in region eu-west-1, not eu-central-1/,
  ],
  [
    "a topic of another partition",
    (d) => (d.alarms = { topicArn: "arn:aws-cn:sns:eu-central-1:123456789012:etcd" }),
    /^alarms\.topicArn: .* must be the ARN of an SNS topic/,
  ],
  [
    "an IPv6 address",
    (d) => (d.members[0]!.address = "2a05:d014::11"),
    /^members\[0\]\.address: "2a05:d014::11" is IPv6, which members do not speak/,
  ],
  [
    "one capacity reservation for three zones",
    (d) => (d.machine.capacityReservation = "cr-0123456789abcdef0"),
    /^machine\.capacityReservation: cr-0123456789abcdef0: a reservation covers one zone and one type \(AWS\)/,
  ],
  [
    "a reservation of two types",
    (d) => {
      for (const index of [0, 3]) d.members[index]!.capacityReservation = "cr-0123456789abcdef0";
      d.members[3]!.fallback = true;
    },
    /^members\[3\]\.capacityReservation: .* on m7i\.xlarge and member4 in eu-central-1a on m6i\.xlarge/,
  ],
];

test.each(refusals)("%s is refused before anything is made, with AWS' rule", (_, change, problem) => {
  expect(problems(change)).toEqual(expect.arrayContaining([expect.stringMatching(problem)]));
});

test("a stack's region holds for zones and topic alike", () => {
  expect(problems(() => undefined, "us-east-1")).toEqual([
    ...["a", "b", "c"].map((name): unknown =>
      expect.stringContaining(
        `network.subnets.${name}.zone: "eu-central-1${name}" is in region eu-central-1, not us-east-1`,
      ),
    ),
    expect.stringMatching(/^alarms\.topicArn: .* not us-east-1, the stack's \(aws:region\)/),
  ]);
  expect(problems(() => undefined, "eu-central-1")).toEqual([]);
});

test.each<[string, (declared: ClusterDeclaration) => void]>([
  ["as many tags as fit", (d) => (d.tags = many(43))],
  ["a tag's longest key and value", (d) => (d.tags = { ["k".repeat(128)]: "v".repeat(256) })],
  ["tags in any letters", (d) => (d.tags = { "Kosten Stelle": "Größe/1 = a+b@c" })],
  ["an internal name that only looks so", (d) => (d.cluster = "internals")],
  ["an older id", (d) => (d.network.vpc = "vpc-01234567")],
  [
    "a group for API servers and monitoring",
    (d) => (d.network.monitoringSecurityGroups = ["sg-0123456789abcdef0"]),
  ],
  ["China", inRegion("cn-north-1", "aws-cn")],
  ["GovCloud", inRegion("us-gov-west-1", "aws-us-gov")],
  ["the European Sovereign Cloud", inRegion("eusc-de-east-1", "aws-eusc")],
  ["a Local Zone", (d) => (inRegion("us-west-2")(d), (d.network.subnets.c!.zone = "us-west-2-lax-1a"))],
  [
    "a Wavelength Zone",
    (d) => (inRegion("us-east-1")(d), (d.network.subnets.c!.zone = "us-east-1-wl1-bos-wlz-1")),
  ],
  [
    "a reservation for each zone",
    (d) =>
      d.members.forEach(
        (each) => (each.capacityReservation = `cr-0123456789abcde${each.subnet}0`.slice(0, 20)),
      ),
  ],
])("%s is accepted", (_, change) => {
  expect(problems(change)).toEqual([]);
});

test("burstable machines do for testing", () => {
  const testing = { architecture: "amd64", production: false } as const;
  expect(instanceTypeProblem("t3.large", testing)).toBeUndefined();
  expect(instanceTypeProblem("t4g.large", testing)).toMatch(/is arm64/);
});

test.each([
  ["m7i.large", "amd64"],
  ["c6gn.xlarge", "arm64"],
  ["a1.xlarge", "arm64"],
  ["g5g.xlarge", "arm64"],
  ["g6.xlarge", "amd64"],
  ["is4gen.large", "arm64"],
  ["x2gd.large", "arm64"],
  ["r8g.metal-24xl", "arm64"],
  ["u-6tb1.56xlarge", "amd64"],
] as const)("%s is %s", (type, architecture) => {
  expect(instanceTypeProblem(type, { architecture, production: true })).toBeUndefined();
  const other = architecture === "amd64" ? "arm64" : "amd64";
  expect(instanceTypeProblem(type, { architecture: other, production: true })).toContain(
    `is ${architecture}`,
  );
});

test("every partition has its names", () => {
  const names = (region: string) => [
    findPartition(region)!.id,
    ...["monitoring", "s3", "ssm"].map((service) => endpointServiceName(region, service)),
    servicePrincipal(region, "ec2"),
    servicePrincipal(region, "dlm"),
  ];
  expect(["eu-central-1", "cn-north-1", "us-gov-west-1", "eusc-de-east-1"].map(names)).toEqual([
    [
      "aws",
      "com.amazonaws.eu-central-1.monitoring",
      "com.amazonaws.eu-central-1.s3",
      "com.amazonaws.eu-central-1.ssm",
      "ec2.amazonaws.com",
      "dlm.amazonaws.com",
    ],
    [
      "aws-cn",
      "cn.com.amazonaws.cn-north-1.monitoring",
      "cn.com.amazonaws.cn-north-1.s3",
      "com.amazonaws.cn-north-1.ssm",
      "ec2.amazonaws.com.cn",
      "dlm.amazonaws.com",
    ],
    [
      "aws-us-gov",
      "com.amazonaws.us-gov-west-1.monitoring",
      "com.amazonaws.us-gov-west-1.s3",
      "com.amazonaws.us-gov-west-1.ssm",
      "ec2.amazonaws.com",
      "dlm.amazonaws.com",
    ],
    [
      "aws-eusc",
      "com.amazonaws.eusc-de-east-1.monitoring",
      "com.amazonaws.eusc-de-east-1.s3",
      "com.amazonaws.eusc-de-east-1.ssm",
      "ec2.amazonaws.com",
      "dlm.amazonaws.com",
    ],
  ]);
  expect(findPartition("mars-north-1")).toBeUndefined();
  expect(regionOfZone("eu-central-1")).toBeUndefined();
});

test("the sizes' volumes are what EBS takes, and what it does not take is said", () => {
  for (const { volume } of Object.values(sizes)) expect(volumeProblems(volume)).toEqual([]);
  const told = (type: string, sizeGiB: number, iops?: number, throughput?: number) =>
    volumeProblems({ type, sizeGiB, iops, throughput });
  expect(told("gp3", 20, 16_000)).toEqual(["16000 IOPS on 20 GiB: gp3 takes 500 for each GiB"]);
  expect(told("gp3", 20, 3000, 1000)).toEqual(["1000 MiB/s with 3000 IOPS: gp3 takes 0.25 for each"]);
  expect(told("io1", 20, 2000)).toEqual(["2000 IOPS on 20 GiB: io1 takes 50 for each GiB"]);
  expect(told("io2", 3, 1000, 125)).toEqual(["3 GiB: io2 takes 4 to 65536", "io2 takes no MiB/s"]);
  expect(told("gp4", 20)).toEqual(["gp4 is not an EBS volume type"]);
});
