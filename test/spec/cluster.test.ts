import fc from "fast-check";
import { parseCluster, type ClusterDeclaration } from "../../spec";
import { quorum } from "../../spec/rules";
import { declaration } from "../fixtures/declarations";

function problemsOf(declared: unknown): string[] {
  const parsed = parseCluster(declared);
  return "problems" in parsed ? parsed.problems.map(({ path, message }) => `${path}: ${message}`) : [];
}

/** Problems of the production stack after a change. */
function changed(change: (declared: ClusterDeclaration) => void): string[] {
  const declared = declaration("prod");
  change(declared);
  return problemsOf(declared);
}

const member = (name: string, address: string, subnet = "c") => ({ name, subnet, address });

test("both stacks are right as they stand", () => {
  expect([problemsOf(declaration("prod")), problemsOf(declaration("dev"))]).toEqual([[], []]);
});

test("a quorum is more than half, and the loss of the others is survived", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 99 }), (members) => {
      expect(2 * quorum(members)).toBeGreaterThan(members);
      expect(2 * (quorum(members) - 1)).toBeLessThanOrEqual(members);
      // An even number survives no more losses than the odd one below it.
      if (members % 2 === 0) expect(members - quorum(members)).toBe(members - 1 - quorum(members - 1));
    }),
  );
});

test("members of any count are accepted just when the count is odd and at most seven", () => {
  fc.assert(
    fc.property(fc.integer({ min: 2, max: 12 }), (count) => {
      const found = changed((declared) => {
        const zones = ["a", "b", "c"];
        declared.members = Array.from({ length: count }, (_, index) =>
          member(`m${index}`, `10.0.${(index % 3) + 1}.${20 + index}`, zones[index % 3]),
        );
      });
      expect(found.length === 0).toBe(count % 2 === 1 && count <= 7);
    }),
  );
});

const refusals: [what: string, change: (declared: ClusterDeclaration) => void, problem: RegExp][] = [
  [
    "an even number of members",
    (d) => d.members.pop(),
    /^members: 4 members; etcd needs an odd number, 3 or 5 in practice \(quorum of 4 is 3: no gain over 3\)$/,
  ],
  [
    "an issuer that is not trusted",
    (d) => (d.pki = { authorities: { peer: { issuer: 2 } } }),
    /^pki\.authorities\.peer\.issuer: 2 is not in trusted \(1\); .*: declare trusted: \[1,2\] first$/,
  ],
  [
    "three trusted CAs",
    (d) => (d.pki = { authorities: { client: { trusted: [1, 2, 3] } } }),
    /^pki\.authorities\.client\.trusted: \[1,2,3\] must name two at most: end one rotation/,
  ],
  [
    "one CA named twice",
    (d) => (d.pki = { authorities: { client: { trusted: [1, 1] } } }),
    /^pki\.authorities\.client\.trusted: \[1,1\] names one CA twice; name each once$/,
  ],
  [
    "a CA's number below 1",
    (d) => (d.pki = { authorities: { client: { trusted: [1, 0] } } }),
    /^pki\.authorities\.client\.trusted\[1\]: 0 must be 1 or more/,
  ],
  [
    "certificates that outlive their CA",
    (d) => (d.pki = { caValidity: 365, leafValidity: 366 }),
    /^pki\.leafValidity: 366 is more than caValidity \(365\); no certificate outlives its CA$/,
  ],
  [
    "a renewal from the first day",
    (d) => (d.pki = { leafValidity: 30 }),
    /^pki\.renewal: 60 is not less than leafValidity \(30\); every pulumi up would renew: lower it$/,
  ],
  [
    "a lifetime out of bounds",
    (d) => (d.pki = { caValidity: 36500 }),
    /^pki\.caValidity: 36500 must be a whole number of days from 365 to 7300$/,
  ],
  [
    "a topic that is none",
    (d) => (d.alarms = { topicArn: "arn:aws:sqs:eu-central-1:123456789012:etcd" }),
    /^alarms\.topicArn: "arn:aws:sqs:\S+" must be the ARN of an SNS topic such as arn:aws:sns:/,
  ],
  [
    "requests smaller than etcd's default",
    (d) => (d.maxRequestBytes = 1_000_000),
    /^maxRequestBytes: 1000000 must be at least 1572864/,
  ],
  [
    "requests larger than etcd advises",
    (d) => (d.maxRequestBytes = 20_000_000),
    /^maxRequestBytes: 20000000 must be at most 10485760/,
  ],
  ["a version of TLS that is none", (d) => (d.tls = { minVersion: "1.3" as "TLS1.3" }), /^tls\.minVersion: /],
  [
    "a cipher suite that no certificate of ours takes",
    (d) =>
      (d.tls = {
        cipherSuites: ["TLS_RSA_WITH_AES_128_CBC_SHA" as "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256"],
      }),
    /^tls\.cipherSuites\[0\]: /,
  ],
  [
    "cipher suites of TLS 1.2 beside TLS 1.3",
    (d) => (d.tls = { minVersion: "TLS1.3", cipherSuites: ["TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256"] }),
    /^tls\.cipherSuites: set together with tls\.minVersion: TLS1\.3/,
  ],
  [
    "cipher suites without HTTP/2's",
    (d) => (d.tls = { cipherSuites: ["TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384"] }),
    /^tls\.cipherSuites: lack TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256/,
  ],
  ["no members", (d) => (d.members = []), /^members: no members/],
  [
    "a single node in production",
    (d) => d.members.splice(1),
    /^members: 1 member; a single node is for testing only/,
  ],
  [
    "a name twice",
    (d) => (d.members[4]!.name = "member1"),
    /^members\[4\]\.name: "member1" is already members\[0\]'s/,
  ],
  [
    "an address twice",
    (d) => (d.members[3]!.address = "10.0.1.11"),
    /^members\[3\]\.address: 10\.0\.1\.11 is already members\[0\]'s; free there: 10\.0\.1\.10, 10\.0\.1\.12/,
  ],
  [
    "an address outside its subnet",
    (d) => (d.members[0]!.address = "10.0.9.11"),
    /^members\[0\]\.address: 10\.0\.9\.11 is outside subnet a \(10\.0\.1\.0\/24\); free there: 10\.0\.1\.10/,
  ],
  [
    "an address of AWS' own",
    (d) => (d.members[0]!.address = "10.0.1.3"),
    /^members\[0\]\.address: 10\.0\.1\.3 is reserved by AWS/,
  ],
  [
    "no address at all",
    (d) => (d.members[0]!.address = "ten"),
    /^members\[0\]\.address: "ten" must be an IPv4 address/,
  ],
  [
    "an unknown subnet",
    (d) => (d.members[0]!.subnet = "z"),
    /^members\[0\]\.subnet: "z" is not a key of network\.subnets \(a, b, c\)/,
  ],
  [
    "a zone with a majority",
    (d) =>
      (d.members = [member("m1", "10.0.3.11"), member("m2", "10.0.3.12"), member("m3", "10.0.1.13", "a")]),
    /^members: 2 of 3 members in zone eu-central-1c; its loss would cost the quorum of 2/,
  ],
  ["an even version", (d) => (d.version = "3.6"), /^version: "3\.6" must be a full semantic version/],
  [
    "a version below what runs here",
    (d) => (d.version = "3.5.31"),
    /^version: "3\.5\.31" is older than 3\.5\.32: /,
  ],
  ["an unknown minor", (d) => (d.version = "3.8.0"), /^version: "3\.8\.0" is of no minor known here/],
  [
    "an unknown size",
    (d) => ((d.size as string) = "huge"),
    /^size: "huge" must be one of small, medium, large, xlarge/,
  ],
  [
    "a name that is no DNS label",
    (d) => (d.members[0]!.name = "Member_1"),
    /^members\[0\]\.name: "Member_1" must be a DNS label/,
  ],
  ["a cluster's name that is none", (d) => (d.cluster = "9prod"), /^cluster: "9prod" must be a DNS label/],
  [
    "replacing a member that is listed",
    (d) => (d.members[0]!.replaces = { name: "member2" }),
    /^members\[0\]\.replaces\.name: "member2" is still listed/,
  ],
  [
    "replacing a member twice",
    (d) => [d.members[0]!, d.members[1]!].forEach((each) => (each.replaces = { name: "member9" })),
    /^members\[1\]\.replaces\.name: "member9" is already replaced by another member/,
  ],
  [
    "a retired volume in an unknown subnet",
    (d) => (d.members[0]!.replaces = { name: "member9", subnet: "z" }),
    /^members\[0\]\.replaces\.subnet: "z" is not a key/,
  ],
  ["a missing setting", (d) => delete (d as Partial<ClusterDeclaration>).size, /^size: missing/],
  ["an unknown setting", (d) => Object.assign(d, { sizes: 1 }), /^sizes: unknown setting/],
  [
    "an unknown setting inside another",
    (d) => Object.assign(d.network, { vcp: 1 }),
    /^network\.vcp: unknown setting/,
  ],
  [
    "a range with host bits",
    (d) => (d.network.subnets.a!.range = "10.0.1.7/24"),
    /^network\.subnets\.a\.range: "10\.0\.1\.7\/24" must be/,
  ],
  [
    "no API servers",
    (d) => (d.network.apiServerSecurityGroups = []),
    /^network\.apiServerSecurityGroups: \[\] must name at least one/,
  ],
  [
    "a way out that is none",
    (d) => (d.network.outbound = "internet"),
    /^network\.outbound: "internet" must be endpoints/,
  ],
  [
    "timeouts lowered",
    (d) => (d.timeouts = { heartbeat: 50 }),
    /^timeouts\.heartbeat: 50 must be at least 100 ms/,
  ],
  [
    "an election of fewer than five heartbeats",
    (d) => (d.timeouts = { heartbeat: 300, election: 1000 }),
    /^timeouts\.election: 1000 ms is less than five heartbeats/,
  ],
  [
    "a fallback without a type",
    (d) => ((d.members[0]!.fallback = true), delete d.machine.fallbackInstanceType),
    /^members\[0\]\.fallback: true, but/,
  ],
  [
    "a snapshot's place that IAM reads as a pattern",
    (d) => (d.restore = { snapshot: "s3://backups/*", generation: 2 }),
    /^restore\.snapshot: "s3:\/\/backups\/\*" must be latest or s3:.*IAM reads \*, \? and \$ as patterns/,
  ],
  [
    "a snapshot's place with a variable of IAM's in it",
    (d) => (d.restore = { snapshot: "s3://backups/${aws:username}.db", generation: 2 }),
    /^restore\.snapshot: .* IAM reads/,
  ],
  [
    "a generation of more digits than roles may write",
    (d) => (d.restore = { snapshot: "latest", generation: 1000 }),
    /^restore\.generation: 1000 must be a whole number from 1 to 999/,
  ],
  [
    "a hash of whichever snapshot is the latest",
    (d) => (d.restore = { snapshot: "latest", sha256: "0".repeat(64), generation: 2 }),
    /^restore\.snapshot: .*must name the snapshot, s3:\/\/BUCKET\/KEY, that sha256 and versionId belong to/,
  ],
  [
    "a restore from nowhere",
    (d) => (d.restore = { snapshot: "disk", generation: 2 }),
    /^restore\.snapshot: "disk" must be latest or s3/,
  ],
  ["a tag of AWS' own", (d) => (d.tags = { "aws:x": "1" }), /^tags\.aws:x: must not begin with aws:/],
  ["a wrong type", (d) => ((d.members as unknown) = "member1"), /^members: "member1" must be of type array/],
];

test.each(refusals)("%s is refused, naming the setting, its value and the rule", (_, change, problem) => {
  const found = changed(change);
  expect(found).toEqual([expect.stringMatching(problem)]);
});

test("every problem is told at once", () => {
  const found = changed((declared) => {
    declared.members[0]!.address = "10.0.9.11";
    declared.members[1]!.subnet = "z";
    declared.members.pop();
  });
  expect(found).toHaveLength(3);
});

test("two members in one zone of three are no majority of five", () => {
  expect(
    changed((declared) => {
      declared.members[4] = member("member5", "10.0.1.13", "a");
    }),
  ).toEqual([expect.stringContaining("3 of 5 members in zone eu-central-1a")]);
});

test("production is protected from deletion unless it says otherwise, testing is not", () => {
  const protection = (stack: "prod" | "dev", declared?: boolean) => {
    const parsed = parseCluster({ ...declaration(stack), deletionProtection: declared });
    return "spec" in parsed && parsed.spec.deletionProtection;
  };
  expect([protection("prod"), protection("prod", false), protection("dev"), protection("dev", true)]).toEqual(
    [true, false, false, true],
  );
});

test("machines install what their image lacks unless the way out leads to no packages, or the setting says otherwise", () => {
  const installs = (outbound: string, install?: boolean) => {
    const { network, machine, ...rest } = declaration("prod");
    const parsed = parseCluster({
      ...rest,
      network: { ...network, outbound },
      machine: { ...machine, install },
    });
    return "spec" in parsed && parsed.spec.machine.install;
  };
  expect(
    ["nat-0123456789abcdef0", "tgw-0123456789abcdef0", "external"].map((each) => installs(each)),
  ).toEqual([true, true, true]);
  expect([installs("endpoints"), installs("existingEndpoints")]).toEqual([false, false]);
  expect([installs("endpoints", true), installs("nat-0123456789abcdef0", false)]).toEqual([true, false]);
});
