import { table } from "../text/table";
import type { Changes, ProgramChange } from "./changes";
import type { Review } from "./review";

/** A review for people at a terminal. */
export function reviewText(review: Review): string {
  const rows = review.verdicts.map(({ rule, result, findings }) => [
    result === "refused" ? "REFUSED" : result,
    rule,
    findings.length === 0 ? "" : String(findings.length),
  ]);
  const sections = [table(["RESULT", "RULE", "FINDINGS"], rows)];
  for (const { rule, description, findings } of review.verdicts.filter((each) => each.findings.length > 0)) {
    const lines = findings.map(({ kind, message }) => `  ${kind}: ${message}`);
    sections.push([rule, `  ${description}`, ...lines].join("\n"));
  }
  if (review.changes) sections.push(changesText(review.changes));
  sections.push(summary(review));
  return sections.join("\n\n");
}

/** What changed, one line each. */
export function changesText(changes: Changes): string {
  const { base, settings, added, removed, replaced, changed, programs, roll } = changes;
  const groups = Object.entries({ settings, added, removed, replaced, changed });
  const lines = groups.flatMap(([what, each]) => each.map((line) => `  ${what}: ${line}`));
  for (const program of programs) {
    const hunks = program.hunks.flatMap((hunk) => hunk.split("\n"));
    lines.push(`  programs: ${programLabel(program)}`, ...hunks.map((line) => `    ${line}`));
  }
  if (roll !== undefined) lines.push(`  ${roll}`);
  return [`Changes against ${base}`, ...(lines.length > 0 ? lines : ["  none"])].join("\n");
}

/** A program, and how many lines it gains and loses. */
export function programLabel({ file, added, removed }: ProgramChange): string {
  return `${file} (+${added} -${removed})`;
}

/** The review in one sentence. */
export function summary({ stack, ok, verdicts, resources, source }: Review): string {
  const count = (result: string) => verdicts.filter((verdict) => verdict.result === result).length;
  const parts = [
    `${count("ok")} rules fine`,
    ...(["refused", "advised", "undecided", "disabled"] as const)
      .filter((result) => count(result) > 0)
      .map((result) => `${count(result)} ${result}`),
  ];
  const of = source === "state" ? "exported resources" : "resources";
  return `Stack ${stack} is ${ok ? "accepted" : "REFUSED"}: ${parts.join(", ")} (${resources} ${of})`;
}
