import { undecidedMark } from "../policies/policy";
import { record } from "../record";
import type { StackProgram } from "../record/project";
import type { RecordedResource } from "../record/recording";
import { authoritiesStep, type AuthoritiesStep } from "./authorities";
import { recordBase } from "./base";
import { changesBetween, type Changes } from "./changes";
import { hasCluster, lookedFor } from "./clusterFound";
import { Analyzer, packDirectory, type Diagnostic, type PackConfig, type PolicyInfo } from "./analyzer";

/** What one rule says about the stack. */
export interface Verdict {
  rule: string;
  /** The rule in its own words, with its source. */
  description: string;
  level: PolicyInfo["level"];
  /** `refused` by a mandatory rule, `advised` by an advisory one; the worst of its findings. */
  result: "ok" | "refused" | "advised" | "undecided" | "disabled";
  findings: Finding[];
}

export interface Finding {
  kind: "refused" | "advised" | "undecided";
  /** Name of the resource it is about. */
  resource: string;
  urn: string;
  /** What is wrong, and how to mend it. */
  message: string;
}

export interface Review {
  stack: string;
  /** Whether no mandatory rule refuses the stack. */
  ok: boolean;
  /** One for each rule of the pack, in the pack's order. */
  verdicts: Verdict[];
  /** What was judged: how many resources, and where they come from. */
  resources: number;
  source: "program" | "state";
  /** Compared with the base that was named. */
  changes?: Changes;
}

/** What is reviewed: a stack's program, or a stack's export. */
export type Subject = { program: StackProgram } | { state: { stack: string; resources: RecordedResource[] } };

/** Rules that cannot judge a deployed stack's export: it lacks the options that they read. */
const notInState = ["etcd-one-at-a-time"];

/**
 * Asks the policy pack what it says about a stack. The pack starts while the program runs. A stack without an etcd
 * cluster is refused: nothing in it would have been judged.
 * @returns the review, and the resources that were judged
 * @throws SettingsError for settings that are refused; ProgramError, PackError if either fails
 */
export async function review(
  subject: Subject,
  config: PackConfig,
  signal: AbortSignal,
): Promise<{ review: Review; resources: RecordedResource[] }> {
  // If one part fails, the others end too.
  const failed = new AbortController();
  const either = AbortSignal.any([signal, failed.signal]);
  const starting = Analyzer.start(packDirectory, either);
  // The first failure is thrown below; without this, the other one would be an unhandled rejection.
  starting.catch(() => undefined);
  try {
    const { stack, resources, changes, step } =
      "state" in subject
        ? { ...subject.state, changes: undefined, step: undefined }
        : await recorded(subject, either);
    const analyzer = await starting;
    const { policies } = await analyzer.info();
    const levels: PackConfig = { ...config };
    if ("state" in subject) for (const name of notInState) levels[name] = { level: "disabled", settings: {} };
    await analyzer.configure(levels);
    const diagnostics = await analyzer.analyze(resources);
    const judged = policies.map((policy) =>
      verdictOf({ ...policy, level: levels[policy.name]?.level ?? policy.level }, diagnostics),
    );
    const all = step ? [...judged, stepVerdict(step)] : judged;
    const verdicts = hasCluster(resources) ? all : withoutCluster(all, resources);
    const ok = verdicts.every(({ result }) => result !== "refused");
    const source = "state" in subject ? "state" : "program";
    return { review: { stack, ok, verdicts, resources: resources.length, source, changes }, resources };
  } catch (error) {
    // A child that the signal ended fails with an error of its own.
    signal.throwIfAborted();
    failed.abort();
    throw error;
  } finally {
    await starting.then(
      (analyzer) => analyzer.stop(),
      () => undefined,
    );
  }
}

async function recorded({ program, base }: { program: StackProgram; base?: string }, signal: AbortSignal) {
  const [now, before] = await Promise.all([
    record(program, {}, signal),
    base === undefined ? undefined : recordBase(base, program, signal),
  ]);
  return {
    ...now,
    changes: before && changesBetween(base!, before, now),
    step: before && authoritiesStep(before, now),
  };
}

/** A rule that takes both recordings, which the pack does not see. */
function stepVerdict({ cluster: { name, urn }, problems }: AuthoritiesStep): Verdict {
  return {
    rule: "etcd-authorities-step",
    description: "CAs are rotated in steps, each declared by itself (docs/operations/rotate-certificates.md)",
    level: "mandatory",
    result: problems.length > 0 ? "refused" : "ok",
    findings: problems.map((message) => ({ kind: "refused", resource: name, urn, message })),
  };
}

/** What the rules found nonetheless, and a refusal: the other rules judged nothing, yet would call everything fine. */
function withoutCluster(judged: readonly Verdict[], resources: readonly RecordedResource[]): Verdict[] {
  const { urn, name } = resources[0] ?? { urn: "", name: "" };
  const missing: Verdict = {
    rule: "etcd-cluster-found",
    description: "The stack has an etcd cluster that the rules can judge",
    level: "mandatory",
    result: "refused",
    findings: [{ kind: "refused", resource: name, urn, message: lookedFor(resources) }],
  };
  return [missing, ...judged.filter(({ findings }) => findings.length > 0)];
}

function nameIn(urn: string): string {
  return urn.slice(urn.lastIndexOf("::") + 2);
}

function verdictOf({ name, description, level }: PolicyInfo, diagnostics: readonly Diagnostic[]): Verdict {
  const findings = diagnostics.filter(({ policy }) => policy === name).map(findingOf);
  const worst = (["refused", "advised", "undecided"] as const).find((kind) =>
    findings.some((finding) => finding.kind === kind),
  );
  return { rule: name, description, level, result: level === "disabled" ? level : (worst ?? "ok"), findings };
}

function findingOf({ level, message, description, urn }: Diagnostic): Finding {
  const undecided = message.includes(undecidedMark);
  return {
    kind: undecided ? "undecided" : level === "mandatory" ? "refused" : "advised",
    resource: nameIn(urn),
    urn,
    // The SDK puts the rule's description before the message.
    message: message.replace(`${description}\n`, ""),
  };
}
