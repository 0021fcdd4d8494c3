import junit from "junit-report-builder";
import type { Review } from "./review";

/** A review as JUnit XML: one test case per rule; advice and undecided findings are output, not failures. */
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
