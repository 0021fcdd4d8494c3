import * as fc from "fast-check";
import { decide } from "../../guard/decision";
import { boot, type Broken, type Machine, type Report } from "../../guard/facts";
import { quorum } from "../../spec/rules";
import { address, known, machine, minute, now, report, type Known } from "./facts";

/** How a member really is, which the guard sees by its evidence alone. */
interface Truth {
  name: string;
  number: number;
  part: "voter" | "learner" | "none";
  /** Of one that lies: as it says, which is its to choose. */
  healthy: boolean;
  lies?: boolean;
}

interface World {
  situation: Known;
  truth: Truth[];
}

/** Choices read off a row of random bytes; zeros choose what is ordinary, so that failures shrink to it. */
class Choices {
  private at = 0;
  constructor(private readonly bytes: Uint8Array) {}

  of<T>(options: readonly T[]): T {
    return options[(this.bytes[this.at++] ?? 0) % options.length]!;
  }

  /** Once in `n` times. */
  once(n: number): boolean {
    return (this.bytes[this.at++] ?? 0) % n === n - 1;
  }
}

/**
 * A situation: a cluster as it really is, in any mixture of health, joining and replacement, and evidence of
 * it that may be stale, missing, broken, of an old machine or by a wrong clock, but for this: a fresh record of
 * the present machine is true unless its member lies, and who ever took part left a trace.
 */
function world(bytes: Uint8Array, honest: boolean): World {
  const choose = new Choices(bytes);
  const count = choose.of([5, 3, 3, 5, 7, 4]);
  const situation = known(count);
  const { declared, evidence } = situation;
  declared.balanced = choose.of([true, false]);
  const sick = choose.of([12, 12, 5, 2]);
  const truth: Truth[] = declared.members.map(({ name }, index) => ({
    name,
    number: index + 1,
    part: "voter",
    healthy: !choose.once(sick),
  }));
  const founders = new Set(declared.members.map(({ name }) => name));

  // One that joined later, or is joining, or replaces another.
  const newcomer: Truth = { name: "newcomer", number: 90, part: "none", healthy: false };
  let replacing = false;
  switch (choose.of(["nobody", "joins", "replaces"])) {
    case "joins":
      newcomer.part = choose.of(["none", "learner", "voter"]);
      newcomer.healthy = newcomer.part === "voter" && !choose.once(sick);
      declared.members = [...declared.members, { name: newcomer.name, address: address(90) }];
      truth.push(newcomer);
      break;
    case "replaces": {
      replacing = true;
      const old = truth.at(-1)!;
      newcomer.part = choose.of(["none", "learner", "voter"]);
      newcomer.healthy = newcomer.part === "voter" && !choose.once(sick);
      // A dead one is removed before its successor is added, a healthy one before the successor says "voter".
      if (newcomer.part === "voter" || (newcomer.part === "learner" && !old.healthy && !choose.once(4))) {
        old.part = "none";
        old.healthy = false;
      }
      declared.members = [
        ...declared.members.slice(0, -1),
        { name: newcomer.name, address: address(90), replaces: old.name },
      ];
      truth.push(newcomer);
    }
  }
  // Dropped from the settings without a word.
  if (choose.once(6)) declared.members = declared.members.slice(1);
  if (choose.once(20)) declared.members = declared.members.slice(1);

  // A restore is declared: held up, or begun by everybody, whatever tags say.
  const generation = choose.once(6) ? 2 : 1;
  const begun = generation === 2 && choose.once(2) && !replacing;
  declared.generation = generation;
  if (begun)
    evidence.started = [
      ...evidence.started,
      ...truth.flatMap(({ name, part }) => (part === "none" ? [] : { generation, member: name })),
    ];
  const runs = begun ? 2 : 1;

  const voters = truth.filter(({ part }) => part === "voter").length;
  const broken: Broken[] = [];
  const machines: Machine[] = [];
  const reports: Report[] = [];
  const boots: Record<string, string> = {};
  for (const member of truth) {
    const made = member.part !== "none" || !choose.once(2);
    const own = { ...machine(member.name, member.number), launched: now - choose.of([60, 2]) * minute };
    // A member that this deployment took down a moment ago: all evidence of it is of before.
    const givenUp = member.healthy && choose.once(12);
    if (givenUp) {
      member.healthy = false;
      boots[member.name] = boot(own);
    }
    const gone = !member.healthy && !givenUp && !honest && choose.once(4);
    if (made && !gone) {
      machines.push(own);
      if (!member.healthy && !givenUp && choose.once(6) && !(honest && member.part !== "voter"))
        own.state = choose.of(["stopped", "stopping", "pending"]);
    }
    const breaks = !honest && choose.once(15);
    if (breaks) broken.push({ status: member.name, problem: `status/${member.name}: null` });
    const told = recordOf(member, own, { givenUp, honest, voters, generation: runs }, choose);
    const record = breaks ? undefined : told;
    // Who leaves no record has at least a machine, or was a founder.
    if (made && (record || breaks || !gone || founders.has(member.name))) {
      if (record) reports.push(record);
    } else if (made) {
      reports.push(report(member.name, {}, 10 * minute));
    }
  }
  if (!honest && choose.once(4)) lie(choose.of(truth), truth, { reports, broken, boots, runs }, choose);
  evidence.machines = machines;
  evidence.reports = reports;
  evidence.broken = broken;
  evidence.targetHealth = Object.fromEntries(
    truth.map(({ number, healthy }) => [
      address(number),
      honest
        ? healthy
          ? "healthy"
          : "unhealthy"
        : choose.of(["healthy", "unhealthy", "unused", "draining", "initial"]),
    ]),
  );
  if (choose.once(10))
    evidence.targetHealth = Object.fromEntries(truth.map(({ number }) => [address(number), "unhealthy"]));
  situation.allowed = { boots, changing: false };

  const target = choose.of(truth);
  situation.target = { ...situation.target, member: target.name, instance: `i-${target.name}` };
  if (choose.once(30)) declared.deletionProtection = false;
  situation.target.recorded.generation = choose.of([1, 2, undefined]);
  if (choose.once(30)) declared.environment = "testing";
  if (replacing && !honest && choose.once(8))
    declared.members = declared.members.map(({ name, address }) => ({ name, address }));
  return { situation, truth };
}

/** What a member's record says, true if it is fresh and of the present machine. */
function recordOf(
  { name, part, healthy }: Truth,
  own: Machine,
  {
    givenUp,
    honest,
    voters,
    generation,
  }: { givenUp: boolean; honest: boolean; voters: number; generation: number },
  choose: Choices,
): Report | undefined {
  const fresh = choose.of([5_000, 20_000, 60_000]);
  const really: Parameters<typeof report>[1] =
    part === "none"
      ? { ready: false, voter: false, id: "", generation: 0 }
      : { ready: healthy, voter: part === "voter", voters, generation, etcd: healthy ? "active" : "failed" };
  if (part === "none" && !name.startsWith("newcomer")) really.generation = 1;
  if (givenUp) return report(name, { generation }, fresh);
  const fault = honest
    ? "true"
    : choose.of(["true", "true", "true", "stale", "missing", "old machine", "before start", "clock"]);
  switch (fault) {
    case "stale":
      return report(name, {}, choose.of([91_000, 5 * minute, 600 * minute]));
    case "missing":
      return undefined;
    case "old machine":
      return report(name, { instance: "i-before" }, fresh);
    case "before start":
      own.launched = now - fresh + 1000;
      return report(name, {}, fresh);
    case "clock":
      return report(name, { time: new Date(now - choose.of([-5, 5, 60]) * minute).toISOString() }, fresh);
    default:
      return report(name, really, fresh);
  }
}

/**
 * A member that says of itself what it likes, in the form that records have or not. It can lie about its own
 * health, which costs one vote at most; it must not cost another's.
 */
function lie(
  liar: Truth,
  truth: readonly Truth[],
  seen: { reports: Report[]; broken: Broken[]; boots: Record<string, string>; runs: number },
  choose: Choices,
): void {
  if (liar.part !== "voter" || liar.name in seen.boots) return;
  const other = choose.of(truth);
  const ready = !choose.once(4);
  const forged = report(liar.name, {
    ready,
    voter: !choose.once(6),
    voters: choose.of([truth.length, 0, 1, 2, 99, undefined]),
    generation: choose.of([seen.runs, 0, 2, 999]),
    id: choose.of([report(liar.name).status.id, report(other.name).status.id, ""]),
    etcdVersion: choose.of(["3.6.16", "", "9.9.9"]),
    time: new Date(now - choose.of([0, 0, 0, -600]) * minute).toISOString(),
  });
  const at = seen.reports.findIndex(({ status }) => status.member === liar.name);
  if (at >= 0) seen.reports.splice(at, 1);
  if (choose.once(5)) seen.broken.push({ status: liar.name, problem: `status/${liar.name}: 1e308` });
  else {
    seen.reports.push(forged);
    liar.lies = true;
    liar.healthy = ready;
  }
}

/** Whether a quorum of the real voters is healthy once the target is down. */
function quorumAfter({ situation, truth }: World): boolean {
  const voters = truth.filter(({ part }) => part === "voter");
  const left = voters.filter(({ name, healthy }) => healthy && name !== situation.target.member);
  return left.length >= quorum(voters.length);
}

/** Whether the settings list the target, or name it in a `replaces`. */
function listed({ declared, target }: Known): boolean {
  return declared.members.some(({ name, replaces }) => [name, replaces].includes(target.member));
}

/** The exceptions that the design names, by what really is. Tags make none. */
function excepted({ situation: { declared, target }, truth }: World): boolean {
  const own = truth.find(({ name }) => name === target.member)!;
  const voters = truth.filter(({ part }) => part === "voter");
  const lost = voters.filter(({ healthy }) => healthy).length < quorum(voters.length);
  const given = own.part === "none" || own.lies === true;
  return !declared.deletionProtection || given || (declared.generation === 2 && lost);
}

const bytes = fc.uint8Array({ minLength: 120, maxLength: 120 });
/** Another seed each time, which says what was tried. */
const seed = Number(process.env.SEED ?? Math.floor(Math.random() * 2 ** 31));
/** The property that everything hangs on is tried most. */
const most = { numRuns: 100_000, seed };
const runs = { numRuns: 20_000, seed };
beforeAll(() => process.stdout.write(`quorum guard: clusters of seed ${seed} (SEED=${seed} repeats them)\n`));

test("no step is allowed after which fewer than a quorum of the voters would be healthy", () => {
  const seen = { allow: 0, wait: 0, refuse: 0 };
  fc.assert(
    fc.property(bytes, (row) => {
      const made = world(row, false);
      const { kind } = decide(made.situation);
      seen[kind]++;
      return kind !== "allow" || excepted(made) || quorumAfter(made);
    }),
    most,
  );
  // All three were met often enough to mean something.
  for (const count of Object.values(seen)) expect(count).toBeGreaterThan(3_000);
});

test("no member goes that the settings neither list nor name in a replaces, but by an exception", () => {
  let dropped = 0;
  fc.assert(
    fc.property(bytes, (row) => {
      const made = world(row, false);
      const { declared } = made.situation;
      if (listed(made.situation)) return true;
      dropped++;
      const verdict = decide(made.situation);
      // One that a declared restore leaves out waits for that to begin.
      if (verdict.kind === "wait") return declared.generation > 1;
      return excepted(made) || (verdict.kind === "refuse" && verdict.inPreview);
    }),
    runs,
  );
  expect(dropped).toBeGreaterThan(300);
});

test("one member that lies, or whose record is broken, keeps nobody from replacing a dead one", () => {
  let tried = 0;
  fc.assert(
    fc.property(bytes, fc.uint8Array({ minLength: 20, maxLength: 20 }), (row, forging) => {
      const made = world(row, true);
      const { situation, truth } = made;
      const { declared, target, evidence } = situation;
      const choose = new Choices(forging);
      const liar = choose.of(truth.filter(({ name }) => name !== target.member));
      const own = truth.find(({ name }) => name === target.member)!;
      const between = declared.members.some(({ replaces }) => replaces !== undefined);
      const listed = declared.members.some(({ name }) => name === own.name);
      const failsOpen = declared.balanced && !Object.values(evidence.targetHealth).includes("healthy");
      // That a declared generation has begun is one member's to say: then the older one ends.
      if (own.healthy || !listed || between || failsOpen || declared.generation > 1) return true;
      if (own.part === "none" || own.name in situation.allowed.boots) return true;
      const voters = truth.filter(({ part }) => part === "voter");
      const well = voters.filter(({ name, healthy }) => healthy && name !== liar.name);
      if (well.length < quorum(voters.length)) return true;
      tried++;
      const [reports, broken] = [[...evidence.reports], [] as Broken[]];
      lie(liar, truth, { reports, broken, boots: situation.allowed.boots, runs: 1 }, choose);
      situation.evidence = { ...evidence, reports, broken };
      return decide(situation).kind === "allow";
    }),
    runs,
  );
  expect(tried).toBeGreaterThan(300);
});

test("what the design allows is allowed when the evidence is complete and true", () => {
  const seen = { healthy: 0, unhealthy: 0 };
  fc.assert(
    fc.property(bytes, (row) => {
      const made = world(row, true);
      const { situation, truth } = made;
      const { declared, target, evidence } = situation;
      const own = truth.find(({ name }) => name === target.member)!;
      const voters = truth.filter(({ part }) => part === "voter");
      const listed = declared.members.some(({ name, replaces }) => [name, replaces].includes(own.name));
      // While a voter's machine goes or a successor's place is open, evidence is of before, or counts both.
      const between = declared.members.some(({ replaces }) => replaces !== undefined);
      const failsOpen = declared.balanced && !Object.values(evidence.targetHealth).includes("healthy");
      if (!listed || between || failsOpen || own.part === "none") return true;
      const settled = truth.every(({ part, healthy }) => (part === "voter" ? healthy : part === "none"));
      if (own.healthy && !settled) return true;
      if (!quorumAfter(made)) return true;
      // A newcomer whose machine runs and has said nothing is no proof of anything; honest worlds have none.
      if (voters.length < 3) return true;
      seen[own.healthy ? "healthy" : "unhealthy"]++;
      return decide(situation).kind === "allow";
    }),
    runs,
  );
  expect(seen.healthy).toBeGreaterThan(500);
  expect(seen.unhealthy).toBeGreaterThan(100);
});

test("whatever waits is allowed once the members are well and say so", () => {
  let waited = 0;
  fc.assert(
    fc.property(bytes, (row) => {
      const { situation, truth } = world(row, false);
      if (decide(situation).kind !== "wait" || truth.length < 3) return true;
      // What a restore leaves out goes with the restore.
      if (!listed(situation) && situation.declared.generation > 1) return true;
      waited++;
      return decide(healed(situation, truth)).kind === "allow";
    }),
    runs,
  );
  expect(waited).toBeGreaterThan(2_000);
});

/** The same situation after everybody came back, joined, and was started afresh. */
function healed(situation: Known, truth: readonly Truth[]): Known {
  const { declared, evidence } = situation;
  const generation = evidence.started.some((each) => each.generation === 2) ? 2 : 1;
  const replaced = declared.members.flatMap(({ replaces }) => replaces ?? []);
  const stay = truth.filter(({ name }) => !replaced.includes(name) || name === situation.target.member);
  const known = { ...situation, declared: { ...declared, balanced: declared.balanced } };
  known.evidence = {
    ...evidence,
    machines: stay.map(({ name, number }) => ({ ...machine(name, number), launched: now - minute })),
    reports: stay.map(({ name }) => report(name, { generation }, 1_000)),
    broken: [],
    targetHealth: Object.fromEntries(stay.map(({ number }) => [address(number), "healthy"])),
  };
  return known;
}
