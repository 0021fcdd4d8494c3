import { createHash } from "node:crypto";
import type { Evidence, Machine, Report, Situation, Verdict } from "../../guard/facts";
import type { StatusRecord } from "../../contract/records";
import { healthyStatus } from "../fixtures/statuses";

export const now = Date.parse("2026-11-24T22:00:00Z");
export const minute = 60_000;

/** Five healthy members of a production cluster behind a balancer, one of them about to go. */
export type Known = Situation & { evidence: Evidence };

export function known(count = 5): Known {
  const members = Array.from({ length: count }, (_, index) => ({
    name: `member${index + 1}`,
    address: address(index + 1),
  }));
  const names = members.map(({ name }) => name);
  return {
    declared: {
      cluster: "prod",
      environment: "production",
      version: "3.6.16",
      deletionProtection: true,
      generation: 1,
      members,
      balanced: true,
      backupFreshWithin: 60,
    },
    target: { cluster: "prod", member: "member1", instance: "i-member1", recorded: recorded() },
    evidence: {
      now,
      incarnation: "key",
      generation: 1,
      broken: [],
      machines: names.map((name, index) => machine(name, index + 1)),
      reports: names.map((name) => report(name)),
      started: names.map((member) => ({ generation: 1, member })),
      founders: names.map((member) => ({ generation: 1, member })),
      targetHealth: Object.fromEntries(members.map((member) => [member.address, "healthy"])),
    },
    allowed: { boots: {}, changing: false },
  };
}

export function address(number: number): string {
  return `10.0.1.${10 + number}`;
}

function recorded() {
  return { environment: "production", version: "3.6.16", generation: 1, deletionProtection: true };
}

export function machine(member: string, number: number): Machine {
  return {
    instance: `i-${member}`,
    member,
    state: "running",
    address: address(number),
    launched: now - 60 * minute,
    recorded: recorded(),
  };
}

export function report(member: string, changed: Partial<StatusRecord> = {}, age = 10_000): Report {
  const status: StatusRecord = {
    ...healthyStatus(member, 0),
    instance: `i-${member}`,
    id: idOf(member),
    message: "",
    time: new Date(now - age).toISOString(),
    ...changed,
  };
  return { status, modified: now - age };
}

/** An id of etcd's for each name. */
function idOf(member: string): string {
  return createHash("sha256").update(member).digest("hex").slice(0, 16);
}

/** Changes what a member last reported, and when it was received. */
export function reporting(
  situation: Known,
  member: string,
  changed: Partial<StatusRecord>,
  age?: number,
): void {
  situation.evidence.reports = [
    ...situation.evidence.reports.filter(({ status }) => status.member !== member),
    report(member, changed, age),
  ];
}

/** Its machine is gone, and what it said last is getting old. */
export function dead(situation: Known, member: string): void {
  const { evidence } = situation;
  evidence.machines = evidence.machines.filter((each) => each.member !== member);
  reporting(situation, member, {}, 10 * minute);
}

/** A verdict as one text: its kind, and what it says. */
export function said(verdict: Verdict): string {
  return verdict.kind === "allow"
    ? `allow: ${verdict.because}`
    : `${verdict.kind}: ${verdict.problems.join("; ")} | ${verdict.remedy}`;
}
