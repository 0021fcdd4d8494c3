import type { DesiredRecord } from "../../../contract/records";
import type { Declaration } from "../../../operate/verify/declaration";
import type { Certificate, Evidence } from "../../../operate/verify/evidence";
import { judge } from "../../../operate/verify/judge";
import { before, causesOf, certificate, day, wellCluster } from "./cluster";

/** Each test breaks one thing. */
let declaration: Declaration;
let evidence: Evidence;
let desired: DesiredRecord;
beforeEach(() => ({ declaration, evidence, desired } = wellCluster()));

const ca = "/etcd/prod/pki/members/member1/peer-ca.crt";
const causes = () => causesOf(declaration, evidence);
const newest = () => evidence.backups!.newest!;

/** A certificate that is valid from and to so many seconds from now. */
function validity(from: number, to: number): Certificate {
  return { subject: "CN=member1", sha256: "1".repeat(64), from: before(-from), to: before(-to) };
}

/** A restore is declared, and a generation that began with a snapshot of a bucket, or with none. */
function restored(snapshot: string, key?: string): void {
  const restore = { snapshot, generation: 1, connectedClients: "refuse" } as const;
  declaration.desired.restore = desired.restore = restore;
  const begun = { bucket: "b", sha256: "0", size: 1, revision: 1, etcdVersion: "3.6.16", bump: 1 };
  evidence.generation!.value!.restore = key === undefined ? undefined : { ...begun, key };
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

test.each<[string, () => void, string[]]>([
  [
    "a cluster that was never deployed",
    () =>
      (evidence = {
        now: evidence.now,
        started: [],
        reports: [],
        broken: [],
        apiServers: { reports: [], broken: [] },
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
    "a certificate that ended",
    () => (evidence.certificates[certificate] = [validity(-365 * day, -1)]),
    ["certificates member1: server.crt (CN=member1) ended 2026-11-24T21:59:59.000Z; run pulumi up"],
  ],
  [
    "a certificate that nobody renews",
    () => (evidence.certificates[certificate] = [validity(-336 * day, 29 * day)]),
    [
      "certificates member1: server.crt (CN=member1) ends in 29 days, and nothing has renewed it; run pulumi up",
    ],
  ],
  [
    "a CA that ends in half a year",
    () => {
      declaration.certificates = [ca];
      evidence.certificates[ca] = [validity(-3471 * day, 179 * day), validity(-3650 * day, 181 * day)];
    },
    [
      "certificates member1: peer-ca.crt (CN=member1) ends in 179 days, and what it issued ends with it; rotate it (docs/operations/rotate-certificates.md)",
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
  ["an address that drains", () => (evidence.targets!["10.0.9.9"] = { state: "draining" })],
  ["one backup that is missed", () => (newest().manifest.time = before(59 * 60).toISOString())],
])("lets pass %s", (_, change) => {
  change();
  expect(causes()).toEqual([]);
});

describe("what a member's etcd uses", () => {
  const use = (trusted: string, certificate: string) => ({
    trusted: [trusted.repeat(64)],
    certificate: certificate.repeat(64),
    until: "2026-12-24T22:00:00Z",
  });
  const reports = (peer: ReturnType<typeof use>, client: ReturnType<typeof use>) => {
    evidence.certificates[ca] = [{ ...validity(-day, 3650 * day), sha256: "2".repeat(64) }];
    evidence.reports[0]!.status.pki = { peer, client };
  };

  test("is what Parameter Store holds", () => {
    reports(use("2", "7"), use("3", "1"));
    expect(causes()).toEqual([]);
  });

  test("is named where it is of before: it mends itself in time", () => {
    evidence.reports[0]!.status.message = "waiting: member2 to answer";
    reports(use("4", "7"), use("3", "8"));
    expect(causes()).toEqual([
      "member member1: its etcd does not trust the CAs for peers that are declared by now; it restarts for them while all others are well: waiting: member2 to answer",
      "member member1: shows clients a certificate of before, which ends 2026-12-24; it takes the new one within six minutes",
    ]);
  });
});
