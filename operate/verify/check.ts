/** One thing that was checked against the declaration. */
export interface Check {
  check: "record" | "member" | "certificates" | "API server" | "backup" | "load balancer";
  /** What it is about, for example a member's name. */
  subject: string;
  /** What speaks against it; empty if everything is as declared. */
  causes: string[];
  /** What was seen. */
  seen: string;
}

/** Checks whose causes machines fix by themselves in time: a roll in progress, a backup in progress. */
export const mendedInTime: readonly Check["check"][] = ["member", "API server", "backup", "load balancer"];
