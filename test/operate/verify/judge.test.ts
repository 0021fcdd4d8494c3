import type { BackupManifest, DesiredRecord } from "../../../contract/records";
import type { Report } from "../../../guard/facts";
import type { Declaration } from "../../../operate/verify/declaration";
import type { Certificate, Evidence } from "../../../operate/verify/evidence";
import { judge } from "../../../operate/verify/judge";
import { healthyStatus } from "../../fixtures/statuses";

const now = new Date("2026-11-24T22:00:00Z");
const before = (seconds: number) => new Date(now.getTime() - seconds * 1000);
const day = 86_400;
const certificate = "/etcd/prod/pki/members/member1/server.crt";

/** A cluster of three that is as it was declared; each test breaks one thing. */
let declaration: Declaration;
let evidence: Evidence;
let desired: DesiredRecord;
beforeEach(() => {
  const members = [1, 2, 3].map((number) => ({
    name: `member${number}`,
    address: `10.0.${number}.11`,
    dnsName: `member${number}.prod.etcd.internal`,
  }));
  const record = {
    version: 1,
    generation: 1,
    discovery: "static",
    domain: "prod.etcd.internal",
    members,
    admission: { fsyncP99: 10, slowDisk: "refuse" },
  } as const;
  declaration = {
    stack: "prod",
    cluster: "prod",
    version: "3.6.16",
    desired: { ...record, incarnation: "recorded" },
    certificates: [certificate],
    backupInterval: 30,
    targetGroup: "prod-etcd",
  };
  desired = {
    ...(JSON.parse(JSON.stringify(record)) as typeof record),
    incarnation: "key-1",
    backups: { interval: 30, bucket: "prod-etcd-backups-1" },
  };
  const founders = members.map(({ name, address }) => ({ name, url: `https://${address}:2380` }));
  evidence = {
    desired: { value: desired },
    founding: { value: { version: 1, token: "prod-1-nonce", members: founders } },
    generation: {
      value: { version: 1, token: "prod-1-nonce", members: founders, createdBy: "member1" },
    },
    started: members.map(({ name }) => name),
    now: now.getTime(),
    reports: members.map(({ name }, index) => report(name, index)),
    broken: [],
    machines: members.map(({ name, address }, index) => ({
      ...{ instance: healthyStatus(name, index).instance, member: name, address },
      ...{ state: "running", launched: before(day).getTime(), recorded: {} },
    })),
    certificates: { [certificate]: [validity(-300 * day, 65 * day)] },
    backups: { bucket: "prod-etcd-backups-1", newest: { manifest: manifest(), stored: 20_000_000 } },
    targets: Object.fromEntries(members.map(({ address }) => [address, { state: "healthy" }])),
  };
});

/** A certificate that is valid from and to so many seconds from now. */
function validity(from: number, to: number): Certificate {
  return { subject: "CN=member1", from: before(-from), to: before(-to) };
}

function manifest(): BackupManifest {
  return {
    version: 1,
    snapshot: "snapshots/1.db",
    sha256: "",
    size: 20_000_000,
    cluster: "prod",
    incarnation: "key-1",
    generation: 1,
    etcdVersion: "3.6.16",
    hash: 1,
    revision: 1234,
    totalKeys: 10,
    totalSize: 20_000_000,
    seconds: 1,
    member: "member2",
    time: before(12 * 60).toISOString(),
  };
}

/** What a healthy member said so many seconds ago. */
function report(member: string, number: number, age = 12): Report {
  const modified = before(age);
  const status = { ...healthyStatus(member, number), time: modified.toISOString() };
  return { status, modified: modified.getTime() };
}

/** The last word of a member is this one; of nobody, that it said nothing. */
function said(member: string, last?: Report): void {
  const others = evidence.reports.filter(({ status }) => status.member !== member);
  evidence.reports = last ? [...others, last] : others;
}

const status = (member: string) => reportOf(member).status;
const reportOf = (member: string) => evidence.reports.find((each) => each.status.member === member)!;
const machine = (member: string) => evidence.machines.find((each) => each.member === member)!;
const newest = () => evidence.backups!.newest!;

/** A restore is declared, and a generation that began with a snapshot of a bucket, or with none. */
function restored(snapshot: string, key?: string): void {
  const restore = { snapshot, generation: 1, connectedClients: "refuse" } as const;
  declaration.desired.restore = desired.restore = restore;
  const begun = { bucket: "b", sha256: "0", size: 1, revision: 1, etcdVersion: "3.6.16", bump: 1 };
  evidence.generation!.value!.restore = key === undefined ? undefined : { ...begun, key };
}

/** Every cause, with the check and the subject that it belongs to. */
function causes(): string[] {
  return judge(declaration, evidence).flatMap(({ check, subject, causes }) =>
    causes.map((cause) => `${check} ${subject}: ${cause}`),
  );
}

test("a cluster that is as it was declared has no cause, and says what was seen", () => {
  const checks = judge(declaration, evidence);
  expect(checks.filter(({ causes }) => causes.length > 0)).toEqual([]);
  expect(checks.map(({ check, subject, seen }) => `${check} ${subject}: ${seen}`)).toEqual([
    "record prod: generation 1, members: 3",
    ...[1, 2, 3].map(
      (number) =>
        `member member${number}: voter 8e9e05c52164694${number - 1}, etcd 3.6.16, generation 1, 20 MiB, i-000000000000000a${number - 1}`,
    ),
    "certificates member1: 1, the first ends 2027-01-28 (65 days)",
    "backup prod-etcd-backups-1: 12 min ago: generation 1, revision 1234, 19.1 MiB, by member2",
    ...[1, 2, 3].map((number) => `load balancer member${number}: 10.0.${number}.11 healthy`),
  ]);
});

const silent = "last heard of 2 min ago: its machine is down or does not reach AWS";

test.each<[string, () => void, string[]]>([
  [
    "a cluster that was never deployed",
    () =>
      (evidence = {
        now: now.getTime(),
        started: [],
        reports: [],
        broken: [],
        machines: [],
        certificates: evidence.certificates,
        targets: evidence.targets,
      }),
    [
      "record prod: no record of the cluster: it was never deployed here",
      ...[1, 2, 3].map((number) => `member member${number}: has no machine`),
      "backup prod: the deployed record names no bucket",
    ],
  ],
  [
    "another generation deployed",
    () => (desired.generation = 2),
    ["record prod: generation: declared 1, deployed 2; run pulumi up"],
  ],
  [
    "another snapshot declared for a generation that has begun",
    () => restored("s3://b/new.db", "old.db"),
    [
      "record prod: restore: generation 1 began with s3://b/old.db, declared is s3://b/new.db: to restore that, declare generation 2",
    ],
  ],
  [
    "a snapshot declared for the generation that founded the cluster",
    () => restored("latest"),
    [
      "record prod: restore: generation 1 began without a snapshot, declared is latest: to restore that, declare generation 2",
    ],
  ],
  [
    "a record of the generation that somebody made up, naming who it says that was",
    () => {
      evidence.started = ["member3"];
      Object.assign(evidence.generation!.value!, { token: "prod-1-guess", createdBy: "member3" });
    },
    [
      'record prod: the record of generation 1 does not follow from what is declared, and no member goes by it: token "prod-1-guess", declared "prod-1-nonce". It says that member3 wrote it: see to that machine, then delete it',
    ],
  ],
  [
    "a record of the generation that is none",
    () => (evidence.generation = { problem: "generations/1: token is missing" }),
    ["record prod: generations/1: token is missing"],
  ],
  [
    "a generation of which nothing is declared",
    () => (evidence.founding = undefined),
    ["record prod: what generation 1 is declared as is not in Parameter Store; run pulumi up"],
  ],
  [
    "another member deployed",
    () => desired.members.pop(),
    [
      "record prod: members: declared member1 10.0.1.11, member2 10.0.2.11, member3 10.0.3.11, deployed member1 10.0.1.11, member2 10.0.2.11; run pulumi up",
    ],
  ],
  [
    "a restore deployed that is not declared",
    () => {
      evidence.generation = undefined;
      desired.restore = { snapshot: "latest", generation: 1, connectedClients: "refuse" };
    },
    [
      'record prod: restore: declared none, deployed {"snapshot":"latest","generation":1,"connectedClients":"refuse"}; run pulumi up',
    ],
  ],
  [
    "another interval of backups deployed",
    () => (desired.backups!.interval = 60),
    ["record prod: backups.interval: declared 30, deployed 60; run pulumi up"],
  ],
  [
    "a record of the cluster that breaks its schema, without which its members' cannot be found",
    () => {
      Object.assign(evidence, { reports: [], backups: undefined, generation: undefined });
      evidence.desired = { problem: "/etcd/prod/desired: members is missing" };
    },
    [
      "record prod: /etcd/prod/desired: members is missing",
      ...[1, 2, 3].map(
        (number) => `member member${number}: how it is cannot be read without the cluster's record`,
      ),
      "backup prod: where they lie cannot be read without the cluster's record",
    ],
  ],
  [
    "a record of machines that breaks its schema, beside the declared generation's",
    () => {
      evidence.generation = { problem: "generations/1: token is missing" };
      evidence.broken = [
        { problem: "generations/1: token is missing" },
        { problem: "generations/2: 3 is no record" },
      ];
    },
    ["record prod: generations/1: token is missing", "record prod: generations/2: 3 is no record"],
  ],
  [
    "a member that never reported",
    () => said("member2"),
    ["member member2: has not reported yet: its machine i-000000000000000a1 was started 24 h ago"],
  ],
  [
    "a member that fell silent, whatever it said last",
    () => said("member2", report("member2", 1, 121)),
    [`member member2: ${silent}`],
  ],
  [
    "a member whose machine is gone",
    () => (evidence.machines = evidence.machines.filter(({ member }) => member !== "member2")),
    ["member member2: has no machine, last heard of 12 s ago"],
  ],
  [
    "a member whose machine is stopped",
    () => (machine("member2").state = "stopped"),
    ["member member2: its machine i-000000000000000a1 is stopped"],
  ],
  [
    "a member with two machines",
    () => (evidence.machines = [...evidence.machines, { ...machine("member2"), instance: "i-twin" }]),
    ["member member2: i-000000000000000a1 and i-twin both carry its tags"],
  ],
  [
    "a member of whose new machine nothing is known yet",
    () => (machine("member2").instance = "i-new"),
    [
      "member member2: its machine is i-new, last heard of is i-000000000000000a1: the new one has not reported yet",
    ],
  ],
  [
    "a member of whose machine's new start nothing is known yet",
    () => (machine("member2").launched = before(6).getTime()),
    ["member member2: last heard of 12 s ago, before i-000000000000000a1 was started again"],
  ],
  [
    "a member whose clock is off",
    () => (status("member2").time = before(112).toISOString()),
    [
      "member member2: its report says 2026-11-24T21:58:08.000Z, which AWS received at 2026-11-24T21:59:48Z: its clock is more than 60 s off, or the report is a copy",
    ],
  ],
  [
    "a member whose record breaks its schema, by its key",
    () => {
      said("member2");
      evidence.broken = [{ status: "member2", problem: '/…/status/member2: "{" is no JSON' }];
    },
    ['member member2: its status record counts for nothing: /…/status/member2: "{" is no JSON'],
  ],
  [
    "etcd that waits to join",
    () =>
      Object.assign(status("member2"), {
        ...{ etcd: "activating", ready: false, version: "", id: "", voter: false, generation: 0 },
        message: "waiting: a quorum of the other members; an empty disk founds no cluster",
      }),
    [
      "member member2: etcd.service is activating: waiting: a quorum of the other members; an empty disk founds no cluster",
    ],
  ],
  [
    "a member that is not ready",
    () => Object.assign(status("member2"), { ready: false, version: "", message: "" }),
    ["member member2: etcd is not ready"],
  ],
  ["a learner", () => (status("member2").voter = false), ["member member2: a learner still"]],
  [
    "a member that the cluster does not list",
    () => Object.assign(status("member2"), { id: "", voter: false, message: "joins afresh" }),
    ["member member2: the cluster does not list it: joins afresh"],
  ],
  [
    "another version",
    () => (status("member2").etcdVersion = "3.5.35"),
    ["member member2: runs etcd 3.5.35, declared is 3.6.16"],
  ],
  [
    "another generation and another version at once: both are named",
    () => Object.assign(status("member2"), { etcdVersion: "3.5.35", generation: 3 }),
    [
      "member member2: runs etcd 3.5.35, declared is 3.6.16",
      "member member2: holds generation 3, declared is 1",
    ],
  ],
  [
    "two members of one id",
    () => (status("member2").id = status("member1").id),
    [
      "member member1: member id 8e9e05c521646940 is member2's too",
      "member member2: member id 8e9e05c521646940 is member1's too",
    ],
  ],
  [
    "a member that is not declared and reports",
    () => said("member9", report("member9", 9, 1)),
    ["member member9: is not declared, and reports still"],
  ],
  [
    "a record of a member that is not declared, and is none",
    () => (evidence.broken = [{ status: "member9", problem: "/…/status/member9: id is missing" }]),
    ["member member9: is not declared, and has a status record: /…/status/member9: id is missing"],
  ],
  [
    "a certificate that ended",
    () => (evidence.certificates[certificate] = [validity(-365 * day, -1)]),
    ["certificates member1: server.crt (CN=member1) ended 2026-11-24T21:59:59.000Z; run pulumi up"],
  ],
  [
    "a certificate that nobody renews",
    () => (evidence.certificates[certificate] = [validity(-348 * day, 17 * day)]),
    [
      "certificates member1: server.crt (CN=member1) ends in 17 days, and nothing has renewed it; run pulumi up",
    ],
  ],
  [
    "a certificate of the future",
    () => (evidence.certificates[certificate] = [validity(day, 365 * day)]),
    ["certificates member1: server.crt (CN=member1) is valid only from 2026-11-25T22:00:00.000Z"],
  ],
  [
    "one certificate of a bundle that ended",
    () => (evidence.certificates[certificate] = [validity(-day, 300 * day), validity(-365 * day, -1)]),
    ["certificates member1: server.crt (CN=member1) ended 2026-11-24T21:59:59.000Z; run pulumi up"],
  ],
  [
    "a certificate that is not there",
    () => delete evidence.certificates[certificate],
    ["certificates member1: server.crt is not in Parameter Store; run pulumi up"],
  ],
  [
    "a certificate that is none",
    () => (evidence.certificates[certificate] = "holds no certificate"),
    ["certificates member1: server.crt holds no certificate"],
  ],
  [
    "a bucket without a backup",
    () => delete evidence.backups!.newest,
    ["backup prod-etcd-backups-1: no backup of this cluster yet"],
  ],
  [
    "backups that stopped",
    () => (newest().manifest.time = before(61 * 60).toISOString()),
    ["backup prod-etcd-backups-1: the newest was taken 61 min ago; declared is one every 30 minutes"],
  ],
  [
    "a backup whose snapshot is gone",
    () => (newest().stored = undefined),
    ["backup prod-etcd-backups-1: its snapshot snapshots/1.db is not in the bucket"],
  ],
  [
    "a backup whose snapshot has another size",
    () => (newest().stored = 1000),
    ["backup prod-etcd-backups-1: its snapshot has 1000 bytes, its manifest says 20000000"],
  ],
  [
    "a load balancer that is not there",
    () => delete evidence.targets,
    ["load balancer prod-etcd: there is no such target group"],
  ],
  [
    "a member that is not registered",
    () => delete evidence.targets!["10.0.2.11"],
    ["load balancer member2: is not registered"],
  ],
  [
    "a member that the balancer does not reach",
    () => (evidence.targets!["10.0.2.11"] = { state: "unhealthy", reason: "Health checks failed" }),
    ["load balancer member2: is unhealthy there (Health checks failed)"],
  ],
  [
    "an address of no member",
    () => (evidence.targets!["10.0.9.9"] = { state: "unhealthy" }),
    ["load balancer 10.0.9.9: is registered, and no declared member's address"],
  ],
])("names %s", (_, change, expected) => {
  change();
  expect(causes()).toEqual(expected);
});

test.each<[string, () => void]>([
  ["the snapshot declared that its generation began with", () => restored("s3://b/old.db", "old.db")],
  ["the latest snapshot declared, whichever it was then", () => restored("latest", "old.db")],
  [
    "a generation that began before it was declared so",
    () => {
      evidence.generation!.value!.token = "prod-1-older";
      evidence.started = ["member1", "member2"];
    },
  ],
  ["ids that only AWS knows", () => (desired.incarnation = "another-key")],
  ["a removed member's last words", () => said("member9", report("member9", 9, day))],
  ["an address that drains", () => (evidence.targets!["10.0.9.9"] = { state: "draining" })],
  ["one backup that is missed", () => (newest().manifest.time = before(59 * 60).toISOString())],
])("lets pass %s", (_, change) => {
  change();
  expect(causes()).toEqual([]);
});
