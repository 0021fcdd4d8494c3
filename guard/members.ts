import { quorum } from "../spec/rules";
import { type Allowed, boot, type Declared, type Evidence, type Report, type Target } from "./facts";
import { balancerProblem, faultProblem, isFresh, reportOf, statusProblem } from "./reports";

/** The state of a member, as far as the evidence shows it. */
export interface Standing {
  name: string;
  /**
   * - `voter`: it must be counted among the voters, because nothing shows that it is not one
   * - `learner`: the cluster knows it and does not count on it yet
   * - `none`: it never took part, another has taken its place, or the generation that runs leaves it out
   */
  part: "voter" | "learner" | "none";
  /** Ready, according to all evidence. */
  healthy: boolean;
  /** Ready, according to any evidence: a target is judged by this. */
  maybeHealthy: boolean;
  /** Whether it may serve: only a missing machine, or a report, shows that it does not. */
  mayServe: boolean;
  /** Whether a record shows that it was a voter, at any time. */
  voted: boolean;
  /** Why it does not count as healthy, and since when. */
  problem?: string;
  /** etcd's id for it, as it reports; empty if it does not. */
  id: string;
  /** How many voters the cluster lists, as this member sees it. */
  listed: number;
  /** The latest generation that it ran in, by its reports and `started` records; 0 if none is known. */
  generation: number;
  /** What runs there, or was last seen running. */
  version?: string;
}

/**
 * The state of every member that the settings list or name in a `replaces` or that has a machine, and of the target.
 * A member that may be a voter counts as one. A member that is not shown to be healthy counts as not healthy.
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
  distrust(all, target.member);
  // A newcomer says that it is a voter only after it has had the dead member removed whose place it takes.
  for (const { name, replaces } of members) {
    const old = all.find((each) => each.name === replaces);
    const successor = all.find((each) => each.name === name)!;
    if (old && !old.maybeHealthy && successor.healthy) old.part = "none";
  }
  leaveOut(all, declared, evidence);
  return all;
}

/**
 * How many voters there are: those among the standings, or the number that most healthy members say the cluster lists,
 * because a member unknown to the settings may still be a voter.
 */
export function voterCount(all: readonly Standing[]): number {
  const counted = all.filter(({ part }) => part === "voter").length;
  return Math.max(counted, agreed(all));
}

/**
 * Whether there is no quorum left that a step could take away: nobody says that it is ready, which takes a leader, and
 * the members of which nothing is known are too few to have a leader among the proven voters.
 */
export function quorumLost(
  { members }: Pick<Declared, "members">,
  { now, reports }: Evidence,
  all: readonly Standing[],
): boolean {
  const voted = new Set(all.flatMap(({ name, part, voted }) => (part === "voter" && voted ? name : [])));
  // Count only one of a member and its successor: the other may no longer be a voter, or not be one yet.
  for (const { name, replaces } of members) if (replaces && voted.has(name)) voted.delete(replaces);
  const mayServe = all.filter((each) => each.mayServe && each.part !== "none").length;
  const ready = reports.some((report) => isFresh(report, now) && report.status.ready);
  // One former voter may not be one right now: removed, and added again as a learner. There is never a second.
  return !ready && mayServe < quorum(Math.max(0, voted.size - 1));
}

/** The generation that the cluster runs: the latest, up to the declared one, that a member was started in. */
export function currentGeneration(
  { generation: declared }: Pick<Declared, "generation">,
  { started, reports, generation: deployed }: Pick<Evidence, "started" | "reports" | "generation">,
): number {
  // Nobody runs a generation that was never declared, whatever a machine says.
  const latest = Math.max(declared, deployed);
  const known = [
    ...started.map(({ generation }) => generation),
    ...reports.map(({ status }) => status.generation),
  ];
  return Math.max(0, ...known.filter((generation) => generation <= latest));
}

function standing(name: string, declared: Declared, evidence: Evidence, allowed: Allowed): Standing {
  const { report, fault, machine, last } = reportOf(name, evidence);
  const own = evidence.started.filter(({ member }) => member === name).map(({ generation }) => generation);
  const founded = own.length > 0 || evidence.founders.some(({ member }) => member === name);
  const tookPart = ({ status }: Report) => status.generation > 0 || status.id !== "" || status.voter;
  const wrote = last !== undefined || evidence.broken.some(({ status }) => status === name);

  const outside = !founded && report !== undefined && !tookPart(report);
  const neverMade = !founded && !wrote && machine === undefined;
  const learner = report !== undefined && report.status.id !== "" && !report.status.voter;
  const part = outside || neverMade ? "none" : learner ? "learner" : "voter";

  const givenUp = machine !== undefined && allowed.boots[name] === boot(machine);
  const problem =
    (givenUp ? `this deployment has just taken ${machine.instance} down` : undefined) ??
    (fault && faultProblem(fault, evidence.now)) ??
    statusProblem(report!, currentGeneration(declared, evidence));
  const balancer = balancerProblem(name, declared, evidence, machine?.address);
  const ofMachine = last?.status.instance === machine?.instance ? last?.status.etcdVersion : undefined;
  return {
    name,
    part,
    healthy: problem === undefined && balancer === undefined,
    maybeHealthy:
      !givenUp &&
      machine?.state === "running" &&
      (problem === undefined || (declared.balanced && balancer === undefined)),
    mayServe: report ? report.status.ready : machine !== undefined && machine.state !== "stopped",
    voted: founded || last?.status.voter === true,
    problem: problem ?? balancer,
    id: report?.status.id ?? "",
    listed: report?.status.voters ?? 0,
    generation: Math.max(0, last?.status.generation ?? 0, ...own),
    version: ofMachine || machine?.recorded.version || last?.status.etcdVersion || undefined,
  };
}

/**
 * A member that contradicts the others does not count as healthy. Of several with one member id, one counts. One that
 * lists a different number of voters than most does not. What the target says counts against nobody, because it goes.
 */
function distrust(all: readonly Standing[], target: string): void {
  const voters = agreed(all);
  const seen = new Map<string, Standing>();
  for (const each of all) {
    if (!each.healthy || each.name === target) continue;
    const twin = each.id === "" ? undefined : seen.get(each.id);
    if (twin) each.problem = `its member id ${each.id} is ${twin.name}'s too`;
    else if (each.listed > 0 && each.listed !== voters)
      each.problem = `it says that etcd lists ${each.listed} voters, most others say ${voters}`;
    else seen.set(each.id, each);
    each.healthy = each.problem === undefined;
  }
}

/** The number of voters that most healthy members list; the higher one in a tie; 0 if none lists any. */
function agreed(all: readonly Standing[]): number {
  const votes = new Map<number, number>();
  for (const { healthy, listed } of all)
    if (healthy && listed > 0) votes.set(listed, (votes.get(listed) ?? 0) + 1);
  return [...votes].sort(([a, many], [b, few]) => few - many || b - a)[0]?.[0] ?? 0;
}

/**
 * Once the declared generation runs, members of an older one that it leaves out are no longer members: the first start
 * in it ended the older one, and a quorum of its own members says so.
 */
function leaveOut(all: readonly Standing[], declared: Declared, evidence: Evidence): void {
  const current = currentGeneration(declared, evidence);
  if (current < declared.generation) return;
  const own = new Set([
    ...declared.members.map(({ name }) => name),
    ...[...evidence.started, ...evidence.founders].flatMap(({ generation, member }) =>
      generation === current ? member : [],
    ),
  ]);
  const running = all.filter(({ name, healthy }) => own.has(name) && healthy).length;
  if (running < quorum(own.size)) return;
  for (const each of all)
    if (!own.has(each.name) && each.generation > 0 && each.generation < current) each.part = "none";
}
