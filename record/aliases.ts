import type { Alias } from "./sdk";

/** What a URN is made of, besides type and name. */
export interface StackName {
  project: string;
  stack: string;
}

export const stackType = "pulumi:pulumi:Stack";

/** A URN as the engine makes it: the types of all ancestors except the stack, then the resource's own. */
export function urnOf({ project, stack }: StackName, type: string, name: string, parent: string): string {
  const parentType = parent.split("::")[2] ?? "";
  const prefix = parentType === "" || parentType === stackType ? "" : `${parentType}$`;
  return `urn:pulumi:${stack}::${project}::${prefix}${type}::${name}`;
}

/**
 * URNs under which a resource may already be known. An alias takes what it omits from the resource's current values.
 * The engine adds aliases that follow from how the state knew the resource's parents, which a recording does not
 * have.
 */
export function aliasUrns(
  aliases: readonly Alias[],
  now: { type: string; name: string; parent: string },
  at: StackName,
): string[] {
  const urns = aliases.map((alias) => {
    const spec = alias.getSpec();
    if (spec === undefined) return alias.getUrn();
    const parent = spec.getNoparent() ? "" : spec.getParenturn() || now.parent;
    const place = { project: spec.getProject() || at.project, stack: spec.getStack() || at.stack };
    return urnOf(place, spec.getType() || now.type, spec.getName() || now.name, parent);
  });
  return [...new Set(urns)];
}
