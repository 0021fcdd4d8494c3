import type { NoEvidence, Verdict } from "./facts";

/** The verdict where AWS does not say what is needed: a throttled call may be answered later, a forbidden one not. */
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
