import type { BackupManifest, DesiredRecord } from "../../../contract/records";
import type { Report } from "../../../guard/facts";
import type { Declaration } from "../../../operate/verify/declaration";
import type { Evidence } from "../../../operate/verify/evidence";
import { judge } from "../../../operate/verify/judge";
import { healthyStatus } from "../../fixtures/statuses";

const now = new Date("2026-11-24T22:00:00Z");
export const before = (seconds: number) => new Date(now.getTime() - seconds * 1000);
export const day = 86_400;
export const certificate = "/etcd/prod/pki/members/member1/server.crt";

/** A cluster of three that is as it was declared, and what is deployed of it. */
export function wellCluster(): { declaration: Declaration; evidence: Evidence; desired: DesiredRecord } {
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
  const declaration: Declaration = {
    stack: "prod",
    cluster: "prod",
    version: "3.6.16",
    desired: { ...record, incarnation: "recorded" },
    certificates: [certificate],
    backupInterval: 30,
    targetGroup: "prod-etcd",
  };
  const desired: DesiredRecord = {
    ...(JSON.parse(JSON.stringify(record)) as typeof record),
    incarnation: "key-1",
    backups: { interval: 30, bucket: "prod-etcd-backups-1" },
  };
  const founders = members.map(({ name, address }) => ({ name, url: `https://${address}:2380` }));
  const evidence: Evidence = {
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
    apiServers: { reports: [], broken: [] },
    certificates: {
      [certificate]: [
        { subject: "CN=member1", sha256: "1".repeat(64), from: before(300 * day), to: before(-65 * day) },
      ],
    },
    backups: { bucket: "prod-etcd-backups-1", newest: { manifest: manifest(), stored: 20_000_000 } },
    targets: Object.fromEntries(members.map(({ address }) => [address, { state: "healthy" }])),
  };
  return { declaration, evidence, desired };
}

/** What a healthy member said so many seconds ago. */
export function report(member: string, number: number, age = 12): Report {
  const modified = before(age);
  const status = { ...healthyStatus(member, number), time: modified.toISOString() };
  return { status, modified: modified.getTime() };
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

/** Every cause, with the check and the subject that it belongs to. */
export function causesOf(declaration: Declaration, evidence: Evidence): string[] {
  return judge(declaration, evidence).flatMap(({ check, subject, causes }) =>
    causes.map((cause) => `${check} ${subject}: ${cause}`),
  );
}
