import type { StatusRecord } from "../contract/records";
import type { Declared, Evidence, Machine, Report } from "./facts";

/** Seconds that a status record counts for: machines write theirs every half minute. */
export const freshSeconds = 90;

/** Seconds by which a machine's clock may differ from AWS'. */
export const clockSeconds = 60;

/** What a member last said, and whether it counts. */
export interface Reporting {
  /** Its record, if it is fresh and of the machine that runs now. */
  report?: Report;
  /** Otherwise, what is wrong with it. */
  fault?: Fault;
  /** Its record, whether it counts or not. */
  last?: Report;
  machine?: Machine;
}

/** Why nothing that a member said counts at the moment. */
export type Fault =
  /** Several machines carry its tags. */
  | { kind: "twins"; machines: readonly Machine[] }
  | { kind: "no machine"; last?: Report }
  | { kind: "not running"; machine: Machine }
  /** Its record breaks its schema. */
  | { kind: "broken"; problem: string }
  | { kind: "never reported"; machine: Machine }
  /** Its report is from another machine, from an earlier start of this one, too old, or off from the time it states. */
  | { kind: "former machine" | "former start" | "silent" | "clock"; machine: Machine; last: Report };

/** A member's record: it counts if it is fresh and from the machine that runs now. */
export function reportOf(
  name: string,
  evidence: Pick<Evidence, "now" | "machines" | "reports" | "broken">,
): Reporting {
  const own = evidence.machines.filter(({ member }) => member === name);
  const last = evidence.reports.find(({ status }) => status.member === name);
  // Of several, take the one that would serve.
  const machine = own.find(({ state }) => state === "running") ?? own[0];
  const fault = ((): Fault | undefined => {
    if (own.length > 1) return { kind: "twins", machines: own };
    if (machine === undefined) return { kind: "no machine", last };
    if (machine.state !== "running") return { kind: "not running", machine };
    const breaking = evidence.broken.find(({ status }) => status === name);
    if (breaking) return { kind: "broken", problem: breaking.problem };
    if (last === undefined) return { kind: "never reported", machine };
    const said = { machine, last };
    if (last.status.instance !== machine.instance) return { kind: "former machine", ...said };
    if (last.modified < machine.launched) return { kind: "former start", ...said };
    if (!isFresh(last, evidence.now)) return { kind: "silent", ...said };
    const skew = Math.abs(Date.parse(last.status.time) - last.modified);
    return Math.round(skew / 1000) <= clockSeconds ? undefined : { kind: "clock", ...said };
  })();
  return { report: fault ? undefined : last, fault, last, machine };
}

/** Whether a record was received recently, by AWS' clock. */
export function isFresh({ modified }: Report, now: number): boolean {
  return Math.abs(now - modified) <= freshSeconds * 1000;
}

/** Why nothing that a member said counts, in the guard's words. */
export function faultProblem(fault: Fault, now: number): string {
  const lastOf = ({ modified }: Report) => `its last report is of ${at(modified, now)}`;
  switch (fault.kind) {
    case "twins":
      return `${fault.machines.map(({ instance }) => instance).join(" and ")} both carry its tags`;
    case "no machine":
      return ["it has no machine", ...(fault.last ? [lastOf(fault.last)] : [])].join("; ");
    case "not running":
      return `its machine ${fault.machine.instance} is ${fault.machine.state}`;
    case "broken":
      return `its status record breaks its schema and counts for nothing: ${fault.problem}`;
    case "never reported": {
      const { instance, launched } = fault.machine;
      return `its machine ${instance} has never reported, running since ${at(launched, now)}`;
    }
    case "former machine": {
      const { last, machine } = fault;
      return `${lastOf(last)} and of an earlier machine, ${last.status.instance}; ${machine.instance} has not reported yet`;
    }
    case "former start": {
      const { instance, launched } = fault.machine;
      return `${lastOf(fault.last)}, from before ${instance} was started again at ${time(launched)}`;
    }
    case "silent":
      return `${lastOf(fault.last)}; it reports every 30 s, and counts for ${freshSeconds} s`;
    case "clock":
      return clockProblem(fault.last);
  }
}

/** Says that a report's own time differs from when it was received. */
export function clockProblem({ status, modified }: Report): string {
  return `its report says ${status.time}, which AWS received at ${time(modified)}: its clock is more than ${clockSeconds} s off, or the report is a copy`;
}

/** What a member's own report says against it. */
export type Ailment = "not ready" | "unlisted" | "learner" | "other generation";

/** Everything that speaks against a member in its own report, in a cluster that runs a generation. */
export function ailments({ ready, voter, id, generation: own }: StatusRecord, generation: number): Ailment[] {
  const found: Ailment[] = [];
  if (!ready) found.push("not ready");
  if (!voter) found.push(id === "" ? "unlisted" : "learner");
  if (own !== generation) found.push("other generation");
  return found;
}

/** Why a member is unhealthy by its own report, in a cluster that runs a generation. */
export function statusProblem({ status, modified }: Report, generation: number): string | undefined {
  const said = `as of ${time(modified)}`;
  const message = status.message ? ` ("${status.message}")` : "";
  const [first] = ailments(status, generation);
  switch (first) {
    case "not ready":
      return `etcd is not ready there, ${said}: etcd.service is ${status.etcd}${message}`;
    case "unlisted":
      return `the cluster does not list it, ${said}${message}`;
    case "learner":
      return `it is still a learner, ${said}${message}`;
    case "other generation":
      return `it runs generation ${status.generation}, the cluster generation ${generation}, ${said}`;
    default:
      return undefined;
  }
}

/** Draining, unused or unregistered never counts as healthy; nor does a balancer that fails open. */
export function balancerProblem(
  name: string,
  { balanced, members }: Pick<Declared, "balanced" | "members">,
  { targetHealth }: Pick<Evidence, "targetHealth">,
  machineAddress: string | undefined,
): string | undefined {
  if (!balanced) return undefined;
  const address = machineAddress ?? members.find((member) => member.name === name)?.address;
  const state = (address !== undefined && targetHealth[address]) || "unregistered";
  return state === "healthy" ? undefined : `the balancer's state for ${address ?? "it"} is ${state}`;
}

function time(milliseconds: number): string {
  return `${new Date(milliseconds).toISOString().slice(0, 19)}Z`;
}

function at(milliseconds: number, now: number): string {
  const seconds = Math.round((now - milliseconds) / 1000);
  const ago = seconds < 120 ? `${seconds} s` : `${Math.round(seconds / 60)} min`;
  return `${time(milliseconds)} (${ago} ago)`;
}
