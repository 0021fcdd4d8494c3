import type { Declared, Evidence, Machine, Report } from "./facts";

/** Seconds that a status record counts for: machines write theirs every half minute. */
export const freshSeconds = 90;

/** Seconds by which a machine's clock may differ from AWS'. */
export const clockSeconds = 60;

/** What a member last said, and whether it counts. */
export interface Reporting {
  /** Its record, if it is fresh and of the machine that runs now. */
  report?: Report;
  /** Else what is wrong with it. */
  problem?: string;
  /** Its record, whatever it is worth. */
  last?: Report;
  machine?: Machine;
}

/** A member's record: it counts if it is fresh and of the machine that runs now. */
export function reportOf(name: string, evidence: Evidence): Reporting {
  const { now, machines, reports, broken } = evidence;
  const own = machines.filter(({ member }) => member === name);
  const found = reports.find(({ status }) => status.member === name);
  // Of several the one that would serve.
  const machine = own.find(({ state }) => state === "running") ?? own[0];
  const counted = { last: found, machine };
  const problem = (text: string): Reporting => ({ ...counted, problem: text });
  if (own.length > 1)
    return problem(`${own.map(({ instance }) => instance).join(" and ")} both carry its tags`);
  const last = found && `its last report is of ${at(found.modified, now)}`;
  if (machine === undefined) return problem(["it has no machine", ...(last ? [last] : [])].join("; "));
  if (machine.state !== "running") return problem(`its machine ${machine.instance} is ${machine.state}`);
  const breaking = broken.find(({ status }) => status === name);
  if (breaking)
    return problem(`its status record breaks its schema and counts for nothing: ${breaking.problem}`);
  if (found === undefined)
    return problem(
      `its machine ${machine.instance} has never reported, running since ${at(machine.launched, now)}`,
    );
  const { status, modified } = found;
  if (status.instance !== machine.instance)
    return problem(
      `${last} and of an earlier machine, ${status.instance}; ${machine.instance} has not reported yet`,
    );
  if (modified < machine.launched)
    return problem(`${last}, from before ${machine.instance} was started again at ${time(machine.launched)}`);
  if (!isFresh(found, now))
    return problem(`${last}; it reports every 30 s, and counts for ${freshSeconds} s`);
  const skew = Math.round((Date.parse(status.time) - modified) / 1000);
  if (!(Math.abs(skew) <= clockSeconds))
    return problem(
      `its report says ${status.time}, which AWS received at ${time(modified)}: its clock is more than ${clockSeconds} s off, or the report is a copy`,
    );
  return { ...counted, report: found };
}

/** Whether a record was received a moment ago, by AWS' clock. */
export function isFresh({ modified }: Report, now: number): boolean {
  return Math.abs(now - modified) <= freshSeconds * 1000;
}

/** Why a member is not well by its own report, in a cluster that runs a generation. */
export function statusProblem({ status, modified }: Report, generation: number): string | undefined {
  const said = `as of ${time(modified)}`;
  const message = status.message ? ` ("${status.message}")` : "";
  if (!status.ready) return `etcd is not ready there, ${said}: etcd.service is ${status.etcd}${message}`;
  if (!status.voter)
    return status.id === ""
      ? `the cluster does not list it, ${said}${message}`
      : `it is still a learner, ${said}${message}`;
  if (status.generation !== generation)
    return `it runs generation ${status.generation}, the cluster generation ${generation}, ${said}`;
  return undefined;
}

/** Draining, unused or unregistered is never health; nor is what a balancer does when all targets are unhealthy. */
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
