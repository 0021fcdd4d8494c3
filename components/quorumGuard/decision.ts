import { quorum } from "../../spec/rules";
import type { Declared, Evidence, NoEvidence, Situation, Target, Verdict } from "./facts";
import { type Standing, standings, voterCount } from "./members";
import { unreadable } from "./unreadable";
import { versionChange } from "./versionChange";

/**
 * Whether a member's machine may be stopped or deleted, or lose its volume, now.
 *
 * With V voters and quorum Q = ⌊V/2⌋ + 1: a healthy member may go when all others are healthy and there is no
 * learner; one that is not healthy may go while Q of the others are. What is allowed without is named in
 * {@link exception}. Pure: same facts, same verdict.
 */
export function decide({ declared, target, evidence, allowed }: Situation): Verdict {
  const unasked = withoutEvidence(declared);
  if (unasked) return unasked;
  if ("problem" in evidence) return blind(declared, target, evidence);
  const all = standings(declared, target, evidence, allowed);
  const own = all.find(({ name }) => name === target.member)!;
  const exempt = exception(declared, target, evidence, all);
  if (exempt) return { kind: "allow", because: exempt };
  const refused = unlisted(declared, target, evidence) ?? moved(declared, evidence, all);
  if (refused) return refused;
  const change = versionChange({ declared, target, evidence, allowed }, all);
  if (change && change.kind !== "allow") return change;
  const verdict = quorumOf(declared, own, all);
  return verdict.kind === "allow"
    ? { ...verdict, warning: change?.warning, changes: change?.changes }
    : verdict;
}

/** What is allowed whatever AWS says: a cluster whose settings give its machines and data up. */
export function withoutEvidence({
  deletionProtection,
}: Pick<Declared, "deletionProtection">): Verdict | undefined {
  return deletionProtection ? undefined : { kind: "allow", because: "deletionProtection is false" };
}

/** The verdict on a member of a cluster that the settings do not declare at all, by the tags of its machine. */
export function undeclared({ cluster, member, recorded }: Target): Verdict {
  if (recorded.deletionProtection === false)
    return { kind: "allow", because: `${cluster} was deployed with deletionProtection: false` };
  return {
    kind: "refuse",
    problems: [`${member}: its cluster ${cluster} is not declared by these settings any more`],
    remedy:
      "Put the cluster's name and members back. To take it apart, set deletionProtection: false, run pulumi up, then pulumi destroy --run-program.",
    inPreview: true,
  };
}

/** Why the quorum does not stand in the way, if so. */
function exception(
  { cluster, environment, generation, members }: Declared,
  { member, recorded }: Target,
  evidence: Evidence,
  all: readonly Standing[],
): string | undefined {
  if (neverFormed(evidence)) return `${cluster} never formed`;
  const own = all.find(({ name }) => name === member)!;
  if (own.part === "none") return `${member} is no member of ${cluster}`;
  if (recorded.generation !== undefined && recorded.generation < generation)
    return `${member} was deployed in generation ${recorded.generation}, and ${generation} is declared`;
  const alone = all.every(({ name, maybeHealthy }) => name === member || !maybeHealthy);
  const single = members.length === 1 && members[0]!.name === member && alone;
  if (single && environment === "testing" && recorded.environment !== "production")
    return `${member} is a single node for testing`;
  return undefined;
}

/**
 * Whether no generation can have had a leader. Founders write `started` before etcd first starts on them, and
 * it takes a quorum of them to form the cluster.
 */
function neverFormed({ started, founders, reports }: Evidence): boolean {
  const of = (records: Evidence["started"], which: number) =>
    records.filter(({ generation }) => generation === which).length;
  const formed = started.some(
    ({ generation }) => of(started, generation) >= quorum(of(founders, generation)),
  );
  return !formed && !reports.some(({ status }) => status.voter || status.ready);
}

/** Nothing of AWS' is known. What the settings alone forbid stays forbidden, in a preview too. */
function blind(declared: Declared, target: Target, evidence: NoEvidence): Verdict {
  const problems = [`AWS cannot be asked how the members are: ${evidence.problem}`];
  const drop = unlisted(declared, target);
  return drop ? { ...drop, problems: [...drop.problems, ...problems] } : unreadable(problems, evidence);
}

/** A member that the settings neither list nor name in a `replaces`. */
function unlisted(
  { members }: Declared,
  { member, instance }: Target,
  evidence?: Evidence,
): (Verdict & { kind: "refuse" }) | undefined {
  const known = new Set(members.flatMap(({ name, replaces }) => [name, ...(replaces ? [replaces] : [])]));
  if (known.has(member)) return undefined;
  const machines = [{ member, instance }, ...(evidence?.machines ?? [])].filter(
    (each) => !known.has(each.member),
  );
  const dropped = new Map(machines.map((each) => [each.member, each.instance]));
  return {
    kind: "refuse",
    problems: [...dropped].map(
      ([name, id]) =>
        `${name}: its machine ${id} would go, but members neither list it nor name it in a replaces`,
    ),
    remedy:
      "Put it back, or list a new member with `replaces: { name: " +
      `${member} }\`, which takes its place in etcd before its machine goes. A cluster is not scaled in.`,
    inPreview: true,
  };
}

/** A member's address is in etcd's own list of members: under another one the others do not find it. */
function moved({ members }: Declared, { machines }: Evidence, all: readonly Standing[]): Verdict | undefined {
  const problems = members.flatMap(({ name, address }) => {
    const part = all.find((each) => each.name === name)?.part;
    const machine = machines.find(({ member }) => member === name);
    const same = machine?.address === undefined || machine.address === address;
    return same || part === "none"
      ? []
      : [
          `${name}: its address changes from ${machine.address} to ${address}, under which the others do not find it`,
        ];
  });
  if (problems.length === 0) return undefined;
  return {
    kind: "refuse",
    problems,
    remedy:
      "A member keeps its address. Put it back, and move one member at a time: list a new one, with the new address and `replaces` naming the old one.",
    inPreview: true,
  };
}

function quorumOf({ members }: Declared, own: Standing, all: readonly Standing[]): Verdict {
  const voters = all.filter(({ part }) => part === "voter");
  const count = voterCount(all);
  const needed = quorum(count);
  const others = voters.filter((each) => each !== own);
  const healthy = others.filter((each) => each.healthy).length;
  const unknown = count - voters.length;
  const counted = `${healthy} of the other ${others.length + unknown} voters are healthy, the quorum of ${count} is ${needed}`;
  if (!own.maybeHealthy && healthy >= needed)
    return { kind: "allow", because: `${own.name} is not healthy; ${counted}` };

  const successor = members.find(({ replaces }) => replaces === own.name)?.name;
  const hinders = all.filter((each) => {
    if (each === own) return false;
    if (each.part === "learner" && own.maybeHealthy) return true;
    // A healthy member is replaced only once its successor is a voter.
    return !each.healthy && (each.part === "voter" || (each.name === successor && own.maybeHealthy));
  });
  const named = hinders.map(({ name, problem }) => `${name}: ${problem ?? "it is still a learner"}`);
  if (own.maybeHealthy && unknown > 0)
    named.push(
      `etcd lists ${count} voters, ${unknown} of which the settings do not know (etcdctl member list)`,
    );
  if (healthy >= needed && named.length === 0) return { kind: "allow", because: counted };
  return {
    kind: "wait",
    problems: [...named, ...(healthy < needed ? [`without it ${counted}`] : [])],
    remedy: own.maybeHealthy
      ? "A healthy member goes only when all others are healthy: mend those named here, then run pulumi up again."
      : "Mend those named here first, then run pulumi up again; if a majority is lost for good, declare a restore.",
  };
}
