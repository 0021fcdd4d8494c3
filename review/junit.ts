import junit from "junit-report-builder";
import type { Review } from "./review";

/** A review as JUnit XML: a test case a rule; advice and what could not be decided is output, no failure. */
export function reviewJunit({ stack, verdicts }: Review): string {
  const builder = junit.newBuilder();
  const suite = builder.testSuite().name(`etcd review of ${stack}`);
  for (const { rule, result, findings } of verdicts) {
    const test = suite.testCase().className(`etcd-kubernetes.${stack}`).name(rule);
    const text = findings.map(({ kind, message }) => `${kind}: ${message}`).join("\n");
    if (result === "refused") test.failure(text, "refused");
    else if (result === "disabled") test.skipped();
    else if (text !== "") test.standardOutput(text);
  }
  return builder.build();
}
