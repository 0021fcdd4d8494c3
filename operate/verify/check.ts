/** One thing that was held against the declaration. */
export interface Check {
  check: "record" | "member" | "certificates" | "backup" | "load balancer";
  /** What it is about, as a member's name. */
  subject: string;
  /** What speaks against it; none if all is as declared. */
  causes: string[];
  /** What was seen. */
  seen: string;
}

/** Checks whose causes machines mend by themselves in time: a roll that goes on, a backup under way. */
export const mendedInTime: readonly Check["check"][] = ["member", "backup", "load balancer"];
