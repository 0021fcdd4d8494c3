import { table } from "../table";
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
  sections.push(summary(review));
  return sections.join("\n\n");
}

/** One sentence on the whole. */
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
