import { isDeepStrictEqual } from "node:util";
import type { DesiredRecord, StatusRecord } from "../../contract/records";
import { ago, days, mebibytes } from "./units";
import type { Declaration } from "./declaration";
import type { Certificate, Evidence, Reported } from "./evidence";
import { generationCauses } from "./generation";

/** One thing that was held against the declaration. */
export interface Check {
  check: "record" | "member" | "certificates" | "backup" | "load balancer";
  /** What it is about, as a member's name. */
  subject: string;
  /** What speaks against it; none if all is as declared. */
  causes: string[];
  /** What was seen. */
  seen: string;
}

/** Checks whose causes machines mend by themselves in time: a roll that goes on, a backup under way. */
export const mendedInTime: readonly Check["check"][] = ["member", "backup", "load balancer"];

/** A machine writes its status at least every half minute; three missed ones are silence. */
const silentAfter = 90_000;

/** A certificate is renewed long before: with a twentieth of its time left, nobody renews it. */
const shareOfLifeLeft = 1 / 20;

/**
 * Holds what was found against what is declared.
 * @param now by which records, certificates and backups are old
 */
export function judge(declaration: Declaration, evidence: Evidence, now: Date): Check[] {
  const record = recordCheck(declaration, evidence);
  return [
    record,
    ...declaration.desired.members.map(({ name }) => memberCheck(declaration, evidence, name, now)),
    ...undeclaredChecks(declaration, evidence, now),
    ...certificateChecks(declaration, evidence, now),
    backupCheck(declaration, evidence, now),
    ...balancerChecks(declaration, evidence),
  ];
}

/** Where ids are that only providers know: the recorder made them up. */
const answered: readonly (keyof DesiredRecord)[] = ["incarnation", "backups"];

function recordCheck(declaration: Declaration, evidence: Evidence): Check {
  const { desired } = evidence;
  const { cluster, desired: declared, backupInterval } = declaration;
  const check = { check: "record", subject: cluster } as const;
  if (desired === undefined)
    return { ...check, causes: ["no record of the cluster: it was never deployed here"], seen: "" };
  if (typeof desired === "string") return { ...check, causes: ["the record is no JSON"], seen: "" };
  const fields = [...new Set([...Object.keys(declared), ...Object.keys(desired)])] as (keyof DesiredRecord)[];
  const causes = fields
    .filter((field) => !answered.includes(field) && !isDeepStrictEqual(declared[field], desired[field]))
    .map((field) => {
      const [here, there] = [declared, desired].map((each) => describe(field, each[field]));
      return `${field}: declared ${here}, deployed ${there}; run pulumi up`;
    });
  const interval = desired.backups?.interval;
  if (interval !== undefined && interval !== backupInterval)
    causes.push(`backups.interval: declared ${backupInterval}, deployed ${interval}; run pulumi up`);
  causes.push(...generationCauses(desired, evidence));
  const members = (desired.members ?? []).length;
  return { ...check, causes, seen: `generation ${desired.generation}, members: ${members}` };
}

function describe(field: keyof DesiredRecord, value: unknown): string {
  if (field !== "members" || !Array.isArray(value)) return JSON.stringify(value) ?? "none";
  return (value as DesiredRecord["members"])
    .map(
      ({ name, address, replaces }) => `${name} ${address}${replaces ? ` in the place of ${replaces}` : ""}`,
    )
    .join(", ");
}

function memberCheck(declaration: Declaration, evidence: Evidence, name: string, now: Date): Check {
  const check = { check: "member", subject: name } as const;
  const reported = evidence.statuses[name];
  if (reported === undefined) return { ...check, causes: ["has not reported yet"], seen: "" };
  const { status, written } = reported;
  if (typeof status === "string") return { ...check, causes: ["its status record is no JSON"], seen: "" };
  if (isSilent(reported, now)) {
    const last = `last heard of ${ago(written, now)}`;
    return { ...check, causes: [`${last}: its machine is down or does not reach AWS`], seen: told(status) };
  }
  const machines = evidence.machines[name];
  if (machines !== undefined && !machines.includes(status.instance)) {
    const former = `its machine is ${machines.join(", ")}, last heard of is ${status.instance}`;
    return { ...check, causes: [`${former}: the new one has not reported yet`], seen: told(status) };
  }
  const namesakes = Object.entries(evidence.statuses)
    .filter(([other, each]) => other !== name && !isSilent(each, now) && status.id !== "")
    .filter(([, each]) => typeof each.status === "object" && each.status.id === status.id)
    .map(([other]) => `member id ${status.id} is ${other}'s too`);
  return {
    ...check,
    causes: [...standing(declaration, status), ...namesakes],
    seen: seen(status),
  };
}

/** How a member stands that reports; what follows from a cause is none of its own. */
function standing({ version, desired }: Declaration, status: StatusRecord): string[] {
  if (status.etcd !== "active") return [`etcd.service is ${status.etcd}${told(status, ": ")}`];
  const causes: string[] = [];
  if (status.id === "") causes.push(`the cluster does not list it${told(status, ": ")}`);
  else if (!status.voter) causes.push("a learner still");
  if (!status.ready) causes.push(`etcd is not ready${told(status, ": ")}`);
  else if (status.etcdVersion !== version)
    causes.push(`runs etcd ${status.etcdVersion}, declared is ${version}`);
  if (status.generation !== desired.generation)
    causes.push(`holds generation ${status.generation}, declared is ${desired.generation}`);
  return causes;
}

function seen(status: StatusRecord): string {
  const role = status.voter ? `voter ${status.id}` : status.id === "" ? "no member" : `learner ${status.id}`;
  const size = `${status.databaseSize} MiB`;
  return `${role}, etcd ${status.etcdVersion || "silent"}, generation ${status.generation}, ${size}, ${status.instance}`;
}

/** What a machine's programs said last, where they said anything. */
function told({ message }: StatusRecord, before = ""): string {
  return message === "" ? "" : `${before}${message}`;
}

function isSilent({ written }: Reported, now: Date): boolean {
  return now.getTime() - written.getTime() > silentAfter;
}

/** Members that report though nothing declares them. What a removed one said last does not count. */
function undeclaredChecks({ desired }: Declaration, { statuses }: Evidence, now: Date): Check[] {
  const declared = new Set(desired.members.map(({ name }) => name));
  return Object.entries(statuses)
    .filter(([name, reported]) => !declared.has(name) && !isSilent(reported, now))
    .map(([name, { status }]) => ({
      check: "member",
      subject: name,
      causes: ["is not declared, and reports still"],
      seen: typeof status === "string" ? "" : seen(status),
    }));
}

/** One check a holder: a member or a user of etcd. */
function certificateChecks({ certificates }: Declaration, evidence: Evidence, now: Date): Check[] {
  const holderOf = (name: string) => name.split("/").at(-2)!;
  return [...new Set(certificates.map(holderOf))].map((subject) => {
    const found = certificates
      .filter((name) => holderOf(name) === subject)
      .map((name) => [name.slice(name.lastIndexOf("/") + 1), evidence.certificates[name]] as const);
    const ends = found.flatMap(([, each]) => (Array.isArray(each) ? each : [])).map(({ to }) => to);
    const first = ends.sort((a, b) => a.getTime() - b.getTime())[0];
    return {
      check: "certificates",
      subject,
      causes: found.flatMap(([file, each]) => certificateCauses(file, each, now)),
      seen: first
        ? `${ends.length}, the first ends ${first.toISOString().slice(0, 10)} (${days(first, now)})`
        : "",
    };
  });
}

function certificateCauses(file: string, found: Certificate[] | string | undefined, now: Date): string[] {
  if (found === undefined) return [`${file} is not in Parameter Store; run pulumi up`];
  if (typeof found === "string") return [`${file} ${found}`];
  return found.flatMap(({ subject, from, to }) => {
    const left = to.getTime() - now.getTime();
    const which = `${file} (${subject})`;
    if (left <= 0) return [`${which} ended ${to.toISOString()}; run pulumi up`];
    if (from.getTime() > now.getTime()) return [`${which} is valid only from ${from.toISOString()}`];
    if (left < (to.getTime() - from.getTime()) * shareOfLifeLeft)
      return [`${which} ends in ${days(to, now)}, and nothing has renewed it; run pulumi up`];
    return [];
  });
}

function backupCheck({ cluster, backupInterval }: Declaration, { backups }: Evidence, now: Date): Check {
  const check = { check: "backup", subject: backups?.bucket ?? cluster } as const;
  if (backups === undefined) return { ...check, causes: ["the deployed record names no bucket"], seen: "" };
  if (backups.newest === undefined) return { ...check, causes: ["no backup of this cluster yet"], seen: "" };
  const { manifest, stored } = backups.newest;
  const taken = new Date(manifest.time);
  const causes: string[] = [];
  // One that is missed is late; the second is the next one's time.
  if (!(now.getTime() - taken.getTime() <= 2 * backupInterval * 60_000))
    causes.push(`the newest was taken ${ago(taken, now)}; declared is one every ${backupInterval} minutes`);
  if (stored === undefined) causes.push(`its snapshot ${manifest.snapshot} is not in the bucket`);
  else if (stored !== manifest.size)
    causes.push(`its snapshot has ${stored} bytes, its manifest says ${manifest.size}`);
  const { generation, revision, size, member } = manifest;
  const which = `generation ${generation}, revision ${revision}, ${mebibytes(size)}, by ${member}`;
  return { ...check, causes, seen: `${ago(taken, now)}: ${which}` };
}

function balancerChecks({ desired, targetGroup }: Declaration, { targets }: Evidence): Check[] {
  if (targetGroup === undefined) return [];
  const check = "load balancer";
  if (targets === undefined)
    return [{ check, subject: targetGroup, causes: ["there is no such target group"], seen: "" }];
  const members = desired.members.map(({ name, address }): Check => {
    const target = targets[address];
    const seen = target === undefined ? address : `${address} ${target.state}`;
    if (target === undefined) return { check, subject: name, causes: ["is not registered"], seen };
    const reason = target.reason === undefined ? "" : ` (${target.reason})`;
    const causes = target.state === "healthy" ? [] : [`is ${target.state} there${reason}`];
    return { check, subject: name, causes, seen };
  });
  const strangers = Object.entries(targets)
    .filter(([address]) => !desired.members.some((member) => member.address === address))
    // One that is deregistered drains for half a minute.
    .filter(([, { state }]) => state !== "draining")
    .map(([address, { state }]): Check => ({
      check,
      subject: address,
      causes: ["is registered, and no declared member's address"],
      seen: state,
    }));
  return [...members, ...strangers];
}
