import { etcdMinor, versionStepProblem } from "../spec/versions";
import type { Backup, Evidence, Situation, Verdict } from "./facts";
import { unreadable } from "./unreadable";
import { currentGeneration, type Standing, standings } from "./members";
import { clockSeconds } from "./reports";

type Known = Situation & { evidence: Evidence };

/**
 * Whether etcd's version may change on the target: by one minor, from a patch that allows it, starting with every
 * member healthy, and with a fresh backup. Undefined if the version stays.
 */
export function versionChange(
  { declared, target, evidence, allowed }: Known,
  all: readonly Standing[],
): Verdict | undefined {
  const { version: to } = declared;
  const members = all.filter(({ part }) => part !== "none");
  if (!changes(to, target.recorded.version, target.member, all)) return undefined;

  const problems = members.flatMap(({ name, version }) => {
    const problem = version === undefined ? undefined : versionStepProblem(version, to);
    return problem === undefined ? [] : [`${name} runs ${version}, and ${to} is declared: ${problem}`];
  });
  if (problems.length > 0) {
    const remedy = "Declare the version in between first, and let every member run it.";
    return { kind: "refuse", problems, remedy, inPreview: true };
  }
  const minor = etcdMinor(to);
  const running = members.flatMap(({ version }) => version ?? []);
  // A member of the new minor shows that the change has begun: then it must be able to go on, or back. Before that,
  // the first machine's attachment goes before the machine, and the member counts as down by then.
  const begins = !allowed.changing && !running.some((version) => version.startsWith(`${minor}.`));
  const ill = members.filter(({ healthy }) => !healthy);
  if (begins && ill.length > 0)
    return {
      kind: "wait",
      problems: ill.map(({ name, problem }) => `${name}: ${problem}`),
      remedy: `A change to another minor version (here ${minor}) begins with every member healthy. Mend these, then run pulumi up again.`,
    };
  const unread = etcdMinor(to) === "3.7" ? unreadableLogs(evidence, members) : undefined;
  if (unread) return unread;
  const unsaved = allowed.changing ? undefined : withoutBackup({ declared, evidence });
  if (unsaved) return unsaved;
  const back = begins && running.some((version) => minorOf(version) > minorOf(to));
  return {
    kind: "allow",
    because: `every member may go to ${to}`,
    warning: back
      ? `etcd goes back to ${minor}: members start with it only once its data is migrated (etcdctl downgrade enable ${minor}, then STORAGE VERSION ${minor}.0 in etcdctl endpoint status)`
      : undefined,
    changes: true,
  };
}

/** 3.7 panics at each start if its log since the last snapshot holds what 3.5 wrote about members. */
function unreadableLogs({ reports }: Evidence, members: readonly Standing[]): Verdict | undefined {
  const problems = reports
    .filter(({ status }) => status.logOf35 && members.some(({ name }) => name === status.member))
    .map(({ status }) => `${status.member}: its log still holds what etcd 3.5 wrote, which 3.7 cannot read`);
  if (problems.length === 0) return undefined;
  const remedy =
    "A log begins anew after every 10,000 writes of the cluster (etcd's --snapshot-count): run pulumi up again then.";
  return { kind: "wait", problems, remedy };
}

/** Whether the step changes etcd's version on the target: then backups are required. */
export function changesVersion({ declared, target, evidence, allowed }: Known): boolean {
  const all = standings(declared, target, evidence, allowed);
  return changes(declared.version, target.recorded.version, target.member, all);
}

function changes(
  to: string,
  recorded: string | undefined,
  member: string,
  all: readonly Standing[],
): boolean {
  // A tag that says that nothing changes does not overrule a report, or the other way round.
  const own = [all.find(({ name }) => name === member)?.version, recorded].filter(
    (each) => each !== undefined,
  );
  return own.length === 0
    ? all.some(({ version }) => version !== undefined && version !== to)
    : own.some((version) => version !== to);
}

function minorOf(version: string): number {
  return Number(version.split(".")[1]);
}

function withoutBackup({ declared, evidence }: Pick<Known, "declared" | "evidence">): Verdict | undefined {
  const { cluster, version, backupFreshWithin } = declared;
  const refuse = (problem: string, remedy: string): Verdict => ({
    kind: "refuse",
    problems: [problem],
    remedy,
    inPreview: false,
  });
  if (backupFreshWithin === undefined)
    return refuse(
      `${cluster}: etcd's version changes to ${version}, but no bucket for its backups is declared`,
      "Give EtcdCluster its `backups`.",
    );
  const { backups = [], incarnation, now } = evidence;
  if ("problem" in backups) {
    const problems = [
      `${cluster}: etcd's version changes to ${version}, and its backups cannot be read: ${backups.problem}`,
    ];
    return unreadable(problems, backups);
  }
  const generation = currentGeneration(declared, evidence);
  const own = backups.filter(
    ({ manifest, present }) =>
      present &&
      manifest.cluster === cluster &&
      manifest.incarnation === incarnation &&
      manifest.generation === generation,
  );
  const ages = own.map((backup) => (now - taken(backup)) / 60_000);
  if (ages.some((age) => age <= backupFreshWithin && age >= -clockSeconds / 60)) return undefined;
  return refuse(
    `${cluster}: etcd's version changes to ${version}, and no verified backup is younger than ${backupFreshWithin} minutes (backups.freshWithin)`,
    "Take one with npm run backups -- --now, then run pulumi up again.",
  );
}

/** When a backup was taken, by the earlier of the member's clock and AWS'. */
function taken({ manifest, modified }: Backup): number {
  return Math.min(Date.parse(manifest.time), modified);
}
