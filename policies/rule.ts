import type { z } from "zod";
import type { StackResources } from "./resources";
import type { Resource } from "./resources/resource";

/** What is wrong with one resource. */
export interface Finding {
  resource: Resource;
  /** What is wrong, with the value: `4 members`. */
  problem: string;
  /** How to mend it. */
  mend: string;
  /** Below the rule's own level: worth a warning only. */
  level?: "advisory";
}

/**
 * A resource that a rule cannot judge, because what it needs is a secret, not declared, or known only after a
 * deployment.
 */
export interface Undecided {
  resource: Resource;
  /** What is not known: `its security groups are secret or known only after a deployment`. */
  undecided: string;
}

/** One rule of the pack. It decides from what is known: an unknown value is {@link Undecided}, never silence. */
export interface Rule<Settings extends z.ZodObject = z.ZodObject> {
  /** The policy's name: `etcd-odd-member-count`. */
  name: string;
  /** The rule in one sentence, with its figures. */
  rule: string;
  /** Where the rule comes from: the Kubernetes page, a CIS number, an etcd guide, an AWS document. */
  source: string;
  level: "mandatory" | "advisory";
  /** What a pack's configuration may set. Defaults are the least strict values; bounds allow only stricter ones. */
  settings: Settings;
  check(stack: StackResources, settings: z.output<Settings>): Iterable<Finding | Undecided>;
}

/** Infers a rule's settings. */
export function rule<Settings extends z.ZodObject>(definition: Rule<Settings>): Rule {
  return definition;
}
