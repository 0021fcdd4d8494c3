import { isDeepStrictEqual } from "node:util";
import type { DesiredRecord } from "../../contract/records";
import { apiServerChecks } from "./apiServers";
import { certificateChecks } from "./certificates";
import type { Check } from "./check";
import type { Declaration } from "./declaration";
import type { Evidence } from "./evidence";
import { generationCauses } from "./generation";
import { memberChecks, undeclaredChecks } from "./members";
import { ago, mebibytes } from "./units";

/** Compares what was found with what is declared. AWS' clock gives the age of records, certificates and backups. */
export function judge(declaration: Declaration, evidence: Evidence): Check[] {
  const now = new Date(evidence.now);
  return [
    recordCheck(declaration, evidence),
    ...memberChecks(declaration, evidence),
    ...undeclaredChecks(declaration, evidence),
    ...certificateChecks(declaration, evidence, now),
    ...apiServerChecks(declaration, evidence, now),
    backupCheck(declaration, evidence, now),
    ...balancerChecks(declaration, evidence),
  ];
}

/** Fields with ids that only providers know: the recorder made them up. */
const answered: readonly (keyof DesiredRecord)[] = ["incarnation", "backups"];

function recordCheck(declaration: Declaration, evidence: Evidence): Check {
  const { cluster, desired: declared, backupInterval } = declaration;
  const check = { check: "record", subject: cluster } as const;
  if (evidence.desired === undefined)
    return { ...check, causes: ["no record of the cluster: it was never deployed here"], seen: "" };
  const { value: desired, problem } = evidence.desired;
  if (problem !== undefined) return { ...check, causes: [problem], seen: "" };
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
  // A status record is reported with its member, and the declared generation's was named just now.
  const others = evidence.broken.filter(({ status }) => status === undefined).map((each) => each.problem);
  causes.push(...others.filter((each) => each !== evidence.generation?.problem));
  return { ...check, causes, seen: `generation ${desired.generation}, members: ${desired.members.length}` };
}

function describe(field: keyof DesiredRecord, value: unknown): string {
  if (field !== "members" || !Array.isArray(value)) return JSON.stringify(value) ?? "none";
  return (value as DesiredRecord["members"])
    .map(
      ({ name, address, replaces }) => `${name} ${address}${replaces ? ` in the place of ${replaces}` : ""}`,
    )
    .join(", ");
}

function backupCheck(declaration: Declaration, { desired, backups }: Evidence, now: Date): Check {
  const { cluster, backupInterval } = declaration;
  const check = { check: "backup", subject: backups?.bucket ?? cluster } as const;
  if (desired?.problem !== undefined)
    return { ...check, causes: ["where they lie cannot be read without the cluster's record"], seen: "" };
  if (backups === undefined) return { ...check, causes: ["the deployed record names no bucket"], seen: "" };
  if (backups.newest === undefined) return { ...check, causes: ["no backup of this cluster yet"], seen: "" };
  const { manifest, stored } = backups.newest;
  const taken = new Date(manifest.time);
  const causes: string[] = [];
  // One missed backup is late; a second interval is the time for the next one.
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
    // A deregistered target drains for half a minute.
    .filter(([, { state }]) => state !== "draining")
    .map(([address, { state }]): Check => ({
      check,
      subject: address,
      causes: ["is registered, and no declared member's address"],
      seen: state,
    }));
  return [...members, ...strangers];
}
