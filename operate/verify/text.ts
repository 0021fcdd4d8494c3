import { printable } from "../../text/printable";
import { table } from "../../text/table";
import type { Verification } from "./verify";

/** A verification for people: one row per check, and one line per cause. */
export function verificationText(verification: Verification): string {
  const rows = verification.checks.map(({ check, subject, causes, seen }) => [
    causes.length === 0 ? "ok" : "FAILED",
    check,
    subject,
    seen || "–",
  ]);
  const causes = verification.checks.flatMap(({ check, subject, causes }) =>
    causes.map((cause) => printable(`! ${check} ${subject}: ${cause}`)),
  );
  return [
    table(["RESULT", "CHECK", "OF", "SEEN"], rows),
    ...(causes.length > 0 ? [causes.join("\n")] : []),
  ].join("\n\n");
}

/** The verdict in one line. */
export function verdict({ stack, ok, checks }: Verification): string {
  if (ok) return `stack ${stack}: what runs is what was declared (${checks.length} checks)`;
  const failing = checks.filter(({ causes }) => causes.length > 0).length;
  return `stack ${stack}: ${failing} of ${checks.length} checks failed`;
}
