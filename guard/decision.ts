import { quorum } from "../spec/rules";
import type { Declared, Evidence, NoEvidence, Situation, Target, Verdict } from "./facts";
import { currentGeneration, quorumLost, type Standing, standings, voterCount } from "./members";
import { unreadable } from "./unreadable";
import { versionChange } from "./versionChange";

/**
 * Whether a member's machine may now be stopped or deleted, or lose its volume.
 *
 * V is the number of voters, the quorum is Q = ⌊V/2⌋ + 1. A healthy member may go if all others are healthy and there
 * is no learner. An unhealthy member may go if Q of the others are healthy. {@link exception} names what is allowed
 * without that. Pure: the same facts give the same verdict.
 */
export function decide({ declared, target, evidence, allowed }: Situation): Verdict {
  const unasked = withoutEvidence(declared);
  if (unasked) return unasked;
  if (target.mistagged !== undefined) return mistagged(target, target.mistagged);
  if ("problem" in evidence) return blind(declared, target, evidence);
  return naming(evidence, judged({ declared, target, evidence, allowed }));
}

function judged({ declared, target, evidence, allowed }: Situation & { evidence: Evidence }): Verdict {
  const all = standings(declared, target, evidence, allowed);
  const own = all.find(({ name }) => name === target.member)!;
  const exempt = exception(declared, target, evidence, all);
  if (exempt) return { kind: "allow", because: exempt };
  const refused =
    leaving(declared, own, evidence) ??
    unlisted(declared, target, evidence) ??
    moved(declared, evidence, all);
  if (refused) return refused;
  const change = versionChange({ declared, target, evidence, allowed }, all);
  if (change && change.kind !== "allow") return change;
  const verdict = quorumOf(declared, own, all, currentGeneration(declared, evidence));
  return verdict.kind === "allow"
    ? { ...verdict, warning: change?.warning, changes: change?.changes }
    : verdict;
}

/** What is allowed whatever AWS says: a cluster whose settings give up its machines and data. */
export function withoutEvidence({
  deletionProtection,
}: Pick<Declared, "deletionProtection">): Verdict | undefined {
  return deletionProtection ? undefined : { kind: "allow", because: "deletionProtection is false" };
}

/**
 * The verdict on a member of a cluster that the settings do not declare at all. A tag says that it was deployed without
 * protection, so that alone is not enough: members must also show that there is no quorum to lose.
 */
export function undeclared(target: Target, evidence?: Evidence | NoEvidence): Verdict {
  const { cluster, member, recorded } = target;
  const unprotected = recorded.deletionProtection === false && target.mistagged === undefined;
  if (unprotected && evidence) {
    const none = { cluster, environment: "production", version: "", deletionProtection: true } as const;
    if ("problem" in evidence)
      return unreadable([`AWS cannot be asked how ${cluster} is: ${evidence.problem}`], evidence);
    const declared = { ...none, generation: evidence.generation, members: [], balanced: false };
    const all = standings(declared, target, evidence, { boots: {}, changing: false });
    if (neverFormed(declared, evidence)) return { kind: "allow", because: `${cluster} never formed` };
    if (quorumLost(declared, evidence, all))
      return {
        kind: "allow",
        because: `${cluster} was deployed with deletionProtection: false, and no quorum of it is left`,
      };
  }
  return {
    kind: "refuse",
    problems: [`${member}: its cluster ${cluster} is not declared by these settings any more`],
    remedy:
      "Put the cluster's name and members back. To take it apart, set deletionProtection: false, run pulumi up, then pulumi destroy --run-program.",
    inPreview: true,
  };
}

/** Why the quorum does not stand in the way, if so. Only members' reports prove it; tags only count against it. */
function exception(
  declared: Declared,
  { member, recorded }: Target,
  evidence: Evidence,
  all: readonly Standing[],
): string | undefined {
  const { cluster, environment, generation, members } = declared;
  if (neverFormed(declared, evidence)) return `${cluster} never formed`;
  const own = all.find(({ name }) => name === member)!;
  if (own.part === "none") return `${member} is no member of ${cluster}`;
  // For a member that says nothing, use what the cluster runs.
  const held = own.generation || currentGeneration(declared, evidence);
  const older = held > 0 && Math.max(held, recorded.generation ?? 0) < generation;
  if (older && quorumLost(declared, evidence, all))
    return `generation ${generation} is declared, ${member} has not begun it, and no quorum is left`;
  const alone = all.every((each) => each === own || !(each.maybeHealthy || each.mayServe));
  const single = members.length === 1 && members[0]!.name === member && alone && voterCount(all) <= 1;
  if (single && environment === "testing" && recorded.environment !== "production")
    return `${member} is a single node for testing`;
  return undefined;
}

/**
 * Whether no generation can have had a leader. Founders write `started` before etcd first starts on them, and
 * it takes a quorum of them to form the cluster.
 */
export function neverFormed(
  { members }: { members: readonly { name: string }[] },
  { started, founders, reports, machines }: Evidence,
): boolean {
  const known = new Set([...members.map(({ name }) => name), ...machines.map(({ member }) => member)]);
  // An unknown founder does not enlarge the majority: the writer of the record could make one up.
  const real = founders.filter(({ member }) => known.has(member));
  const of = (records: Evidence["started"], which: number) =>
    records.filter(({ generation }) => generation === which).length;
  const formed = started.some(({ generation }) => of(started, generation) >= quorum(of(real, generation)));
  return !formed && !reports.some(({ status }) => status.voter || status.ready);
}

/** Nothing is known from AWS. What the settings alone forbid stays forbidden, in a preview too. */
function blind(declared: Declared, target: Target, evidence: NoEvidence): Verdict {
  const problems = [`AWS cannot be asked how the members are: ${evidence.problem}`];
  const drop = unlisted(declared, target);
  return drop ? { ...drop, problems: [...drop.problems, ...problems] } : unreadable(problems, evidence);
}

/** The verdict, plus every record that counts for nothing, unless the verdict names it already. */
function naming({ broken }: Evidence, verdict: Verdict): Verdict {
  const said = verdict.kind === "allow" ? [] : verdict.problems;
  const odd = broken
    .map(({ problem }) => problem)
    .filter((problem) => !said.some((text) => text.includes(problem)))
    .map((problem) => `a record counts for nothing: ${problem}`);
  if (odd.length === 0) return verdict;
  if (verdict.kind !== "allow") return { ...verdict, problems: [...said, ...odd] };
  return { ...verdict, warning: [...(verdict.warning ? [verdict.warning] : []), ...odd].join("; ") };
}

/** It must be beyond doubt whose machine it is: tags can be changed by hand. */
function mistagged({ member, instance }: Target, contradiction: string): Verdict {
  return {
    kind: "refuse",
    problems: [`${member}: ${contradiction}`],
    remedy: `Put the tags of ${instance} right, run pulumi refresh, then pulumi up again.`,
    inPreview: true,
  };
}

/** A member that a declared restore leaves out goes once the new generation runs. Until then the old may need it. */
function leaving(declared: Declared, own: Standing, evidence: Evidence): Verdict | undefined {
  const { generation, members } = declared;
  if (members.some(({ name, replaces }) => [name, replaces].includes(own.name))) return undefined;
  if (own.generation >= generation || own.generation === 0) return undefined;
  const current = currentGeneration(declared, evidence);
  return {
    kind: "wait",
    problems: [
      `${own.name}: generation ${generation} leaves it out and does not run on a quorum of its members yet; the latest begun is ${current}`,
    ],
    remedy: `It goes once generation ${generation} runs, or machines show that no quorum is left: see to the restore, then run pulumi up again.`,
  };
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

/** etcd's own member list holds a member's address: under a different one, the others do not find it. */
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

function quorumOf(
  { members, generation }: Declared,
  own: Standing,
  all: readonly Standing[],
  current: number,
): Verdict {
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
    // A healthy member may be replaced only once its successor is a voter.
    return !each.healthy && (each.part === "voter" || (each.name === successor && own.maybeHealthy));
  });
  const named = hinders.map(({ name, problem }) => `${name}: ${problem ?? "it is still a learner"}`);
  if (own.maybeHealthy && unknown > 0)
    named.push(
      `etcd lists ${count} voters, ${unknown} of which the settings do not know (etcdctl member list)`,
    );
  if (healthy >= needed && named.length === 0) return { kind: "allow", because: counted };
  const lost =
    current < generation
      ? `if generation ${current} is lost for good, stop the machines of it that say nothing (aws ec2 stop-instances): generation ${generation} is declared, and it lets go what shows that no quorum is left.`
      : "if a majority is lost for good, declare a restore.";
  return {
    kind: "wait",
    problems: [...named, ...(healthy < needed ? [`without it ${counted}`] : [])],
    remedy: own.maybeHealthy
      ? "A healthy member goes only when all others are healthy: mend those named here, then run pulumi up again."
      : `Mend those named here first, then run pulumi up again; ${lost}`,
  };
}
