import { type Allowed, boot, type Declared, type Evidence, type Report, type Target } from "./facts";

/** Seconds that a status record counts for: machines write theirs every half minute. */
export const freshSeconds = 90;

/** Seconds by which a machine's clock may differ from AWS'. */
export const clockSeconds = 60;

/** How a member stands, as far as the evidence shows it. */
export interface Standing {
  name: string;
  /**
   * - `voter`: it must be counted among the voters, as nothing shows that it is none
   * - `learner`: the cluster knows it and does not count on it yet
   * - `none`: it never took part, or another has taken its place
   */
  part: "voter" | "learner" | "none";
  /** Ready, by every evidence there is. */
  healthy: boolean;
  /** Ready by any evidence: what a target is judged by. */
  maybeHealthy: boolean;
  /** Why it does not count as healthy, and since when. */
  problem?: string;
  /** How many voters the cluster lists, as this member sees it. */
  listed: number;
  /** What runs there, or was last seen running. */
  version?: string;
}

/**
 * How every member stands that the settings list or name in a `replaces`, that has a machine, and the target.
 * Whoever may be a voter counts as one; whoever is not shown to be healthy counts as not healthy.
 */
export function standings(
  declared: Declared,
  target: Target,
  evidence: Evidence,
  allowed: Allowed,
): Standing[] {
  const { members } = declared;
  const replaced = members.flatMap(({ replaces }) => replaces ?? []);
  const machines = evidence.machines.map(({ member }) => member);
  const names = new Set([...members.map(({ name }) => name), ...replaced, ...machines, target.member]);
  const all = [...names].map((name) => standing(name, declared, evidence, allowed));
  // A newcomer says that it is a voter only after it had the dead member removed whose place it takes.
  for (const { name, replaces } of members) {
    const old = all.find((each) => each.name === replaces);
    const successor = all.find((each) => each.name === name)!;
    if (old && !old.maybeHealthy && successor.healthy) old.part = "none";
  }
  return all;
}

/**
 * How many voters there are: those among the standings, or what a healthy member says that the cluster lists,
 * as somebody whom the settings do not know may still be one.
 */
export function voterCount(all: readonly Standing[]): number {
  const counted = all.filter(({ part }) => part === "voter").length;
  return Math.max(counted, ...all.flatMap(({ healthy, listed }) => (healthy ? listed : [])));
}

function standing(name: string, declared: Declared, evidence: Evidence, allowed: Allowed): Standing {
  const { report, problem: reportProblem, machine } = currentReport(name, evidence);
  const last = evidence.reports.find(({ status }) => status.member === name);
  const founded = [...evidence.started, ...evidence.founders].some(({ member }) => member === name);
  const tookPart = ({ status }: Report) => status.generation > 0 || status.id !== "" || status.voter;

  const outside = !founded && report !== undefined && !tookPart(report);
  const neverMade = !founded && last === undefined && machine === undefined;
  const learner = report !== undefined && report.status.id !== "" && !report.status.voter;
  const part = outside || neverMade ? "none" : learner ? "learner" : "voter";

  const givenUp = machine !== undefined && allowed.boots[name] === boot(machine);
  const problem =
    (givenUp ? `this deployment has just taken ${machine.instance} down` : undefined) ??
    reportProblem ??
    statusProblem(report!, currentGeneration(evidence));
  const balancer = balancerProblem(name, declared, evidence, machine?.address);
  return {
    name,
    part,
    healthy: problem === undefined && balancer === undefined,
    maybeHealthy:
      !givenUp &&
      machine?.state === "running" &&
      (problem === undefined || (declared.balanced && balancer === undefined)),
    problem: problem ?? balancer,
    listed: report?.status.voters ?? 0,
    version: report?.status.version || machine?.recorded.version || last?.status.version || undefined,
  };
}

/** A member's record if it is fresh and of the machine that runs now; else what is wrong with it. */
function currentReport(name: string, { now, machines, reports }: Evidence) {
  const own = machines.filter(({ member }) => member === name);
  const found = reports.find(({ status }) => status.member === name);
  const [machine] = own;
  const problem = (text: string) => ({ problem: text, machine, report: undefined });
  if (own.length > 1)
    return problem(`${own.map(({ instance }) => instance).join(" and ")} both carry its tags`);
  const last = found && `its last report is of ${at(found.modified, now)}`;
  if (machine === undefined) return problem(["it has no machine", ...(last ? [last] : [])].join("; "));
  if (machine.state !== "running") return problem(`its machine ${machine.instance} is ${machine.state}`);
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
  if (Math.abs(now - modified) > freshSeconds * 1000)
    return problem(`${last}; it reports every 30 s, and counts for ${freshSeconds} s`);
  const skew = Math.round((Date.parse(status.time) - modified) / 1000);
  if (!(Math.abs(skew) <= clockSeconds))
    return problem(
      `its report says ${status.time}, which AWS received at ${time(modified)}: its clock is more than ${clockSeconds} s off, or the report is a copy`,
    );
  return { report: found, machine, problem: undefined };
}

function statusProblem({ status, modified }: Report, generation: number): string | undefined {
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
function balancerProblem(
  name: string,
  { balanced, members }: Declared,
  { targetHealth }: Evidence,
  machineAddress: string | undefined,
): string | undefined {
  if (!balanced) return undefined;
  const address = machineAddress ?? members.find((member) => member.name === name)?.address;
  const state = (address !== undefined && targetHealth[address]) || "unregistered";
  return state === "healthy" ? undefined : `the balancer's state for ${address ?? "it"} is ${state}`;
}

/** The generation that the cluster runs: the latest that a member was started in. */
export function currentGeneration({ started, reports }: Pick<Evidence, "started" | "reports">): number {
  return Math.max(
    0,
    ...started.map(({ generation }) => generation),
    ...reports.map(({ status }) => status.generation),
  );
}

function time(milliseconds: number): string {
  return `${new Date(milliseconds).toISOString().slice(0, 19)}Z`;
}

function at(milliseconds: number, now: number): string {
  const seconds = Math.round((now - milliseconds) / 1000);
  const ago = seconds < 120 ? `${seconds} s` : `${Math.round(seconds / 60)} min`;
  return `${time(milliseconds)} (${ago} ago)`;
}
