import type { StatusRecord } from "../../contract/records";
import type { Report } from "../../guard/facts";
import { ailments, clockProblem, isFresh, reportOf, type Fault } from "../../guard/reports";
import { inUseCauses } from "./certificates";
import type { Check } from "./check";
import type { Declaration } from "./declaration";
import type { Evidence } from "./evidence";
import { ago } from "./units";

/** The state of the declared members, by the quorum guard's rules for what counts. */
export function memberChecks(declaration: Declaration, evidence: Evidence): Check[] {
  return declaration.desired.members.map(({ name }) => memberCheck(declaration, evidence, name));
}

function memberCheck(declaration: Declaration, evidence: Evidence, name: string): Check {
  const check = { check: "member", subject: name } as const;
  const { report, fault, last } = reportOf(name, evidence);
  // Where members report follows from the cluster's record.
  if (evidence.desired?.problem !== undefined)
    return { ...check, causes: ["how it is cannot be read without the cluster's record"], seen: "" };
  if (fault)
    return { ...check, causes: [faultCause(fault, evidence.now)], seen: last ? told(last.status) : "" };
  const { status } = report!;
  const namesakes = evidence.reports
    .filter((each) => each !== report && status.id !== "" && each.status.id === status.id)
    .filter((each) => isFresh(each, evidence.now))
    .map((each) => `member id ${status.id} is ${each.status.member}'s too`);
  return {
    ...check,
    causes: [
      ...standing(declaration, status),
      ...namesakes,
      ...inUseCauses(declaration.cluster, status, evidence),
    ],
    seen: seen(status),
  };
}

/** Why nothing that a member said counts, and what that means. */
function faultCause(fault: Fault, milliseconds: number): string {
  const now = new Date(milliseconds);
  const lastHeard = ({ modified }: Report) => `last heard of ${ago(new Date(modified), now)}`;
  switch (fault.kind) {
    case "twins":
      return `${fault.machines.map(({ instance }) => instance).join(" and ")} both carry its tags`;
    case "no machine":
      return fault.last ? `has no machine, ${lastHeard(fault.last)}` : "has no machine";
    case "not running":
      return `its machine ${fault.machine.instance} is ${fault.machine.state}`;
    case "broken":
      return `its status record counts for nothing: ${fault.problem}`;
    case "never reported": {
      const { instance, launched } = fault.machine;
      return `has not reported yet: its machine ${instance} was started ${ago(new Date(launched), now)}`;
    }
    case "former machine": {
      const { last, machine } = fault;
      return `its machine is ${machine.instance}, last heard of is ${last.status.instance}: the new one has not reported yet`;
    }
    case "former start":
      return `${lastHeard(fault.last)}, before ${fault.machine.instance} was started again`;
    case "silent":
      return `${lastHeard(fault.last)}: its machine is down or does not reach AWS`;
    case "clock":
      return clockProblem(fault.last);
  }
}

/** The state of a member that reports; a consequence of a cause is not listed as a cause. */
function standing({ version, desired }: Declaration, status: StatusRecord): string[] {
  if (status.etcd !== "active") return [`etcd.service is ${status.etcd}${told(status, ": ")}`];
  const found = ailments(status, desired.generation).map((ailment) => {
    switch (ailment) {
      case "not ready":
        return `etcd is not ready${told(status, ": ")}`;
      case "unlisted":
        return `the cluster does not list it${told(status, ": ")}`;
      case "learner":
        return "a learner still";
      case "other generation":
        return `holds generation ${status.generation}, declared is ${desired.generation}`;
    }
  });
  const other = status.ready && status.etcdVersion !== version;
  return other ? [`runs etcd ${status.etcdVersion}, declared is ${version}`, ...found] : found;
}

/** What undeclared members say, or others say about them. The last report of a removed member does not count. */
export function undeclaredChecks({ desired }: Declaration, { now, reports, broken }: Evidence): Check[] {
  const declared = new Set(desired.members.map(({ name }) => name));
  const check = "member";
  const reporting = reports
    .filter((report) => !declared.has(report.status.member) && isFresh(report, now))
    .map(({ status }) => ({
      check,
      subject: status.member,
      causes: ["is not declared, and reports still"],
      seen: seen(status),
    })) satisfies Check[];
  const odd = broken.flatMap(({ status: subject, problem }): Check[] =>
    subject === undefined || declared.has(subject)
      ? []
      : [{ check, subject, causes: [`is not declared, and has a status record: ${problem}`], seen: "" }],
  );
  return [...reporting, ...odd];
}

function seen(status: StatusRecord): string {
  const role = status.voter ? `voter ${status.id}` : status.id === "" ? "no member" : `learner ${status.id}`;
  const size = `${status.databaseSize} MiB`;
  return `${role}, etcd ${status.etcdVersion || "silent"}, generation ${status.generation}, ${size}, ${status.instance}`;
}

/** What a machine's programs said last, if anything. */
function told({ message }: StatusRecord, before = ""): string {
  return message === "" ? "" : `${before}${message}`;
}
