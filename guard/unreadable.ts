import type { NoEvidence, Verdict } from "./facts";

/** The verdict if AWS does not answer: a throttled call may succeed later, a forbidden one will not. */
export function unreadable(problems: string[], { passing }: NoEvidence): Verdict {
  return passing
    ? { kind: "wait", problems, remedy: "Run pulumi up again when AWS answers." }
    : {
        kind: "refuse",
        problems,
        remedy:
          "Give whoever deploys the permissions that docs/quorum-guard.md lists, and see that credentials, region and role are the stack's.",
        inPreview: false,
      };
}
