import { table } from "../../text/table";
import type { Preflight } from "./preflight";

/** A preflight for people: a line a finding. */
export function preflightText({ findings }: Preflight): string {
  const rows = findings.map(({ result, check, of, said }) => [result, check, of, said]);
  return table(["RESULT", "CHECK", "OF", "SAID"], rows);
}

/** The verdict in a line. */
export function preflightVerdict({ stack, findings }: Preflight): string {
  const count = (result: string) => findings.filter((each) => each.result === result).length;
  const unknown = count("not known");
  return `stack ${stack}: ${count("FAILED")} of ${findings.length} checks failed, ${unknown} not known`;
}
