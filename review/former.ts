import type { RecordedResource } from "../record/recording";

/**
 * URNs that resources had before, by those that they have now: the same one, an alias, or what follows from their
 * parent's former name, as the engine finds them in its state. New resources are left out.
 */
export function formerUrns(
  before: readonly RecordedResource[],
  now: readonly RecordedResource[],
): ReadonlyMap<string, string> {
  const old = new Set(before.map(({ urn }) => urn));
  const current = new Map(now.map((resource) => [resource.urn, resource]));
  const found = new Map<string, string | undefined>();
  const former = (resource: RecordedResource): string | undefined => {
    const { urn, parent = "", options } = resource;
    if (!found.has(urn)) {
      const above = current.get(parent);
      const aboveThen = above && former(above);
      const inherited = aboveThen === undefined || aboveThen === parent ? [] : [below(aboveThen, resource)];
      const candidates = [urn, ...(options.aliases ?? []), ...inherited];
      found.set(
        urn,
        candidates.find((each) => old.has(each) && (each === urn || !current.has(each))),
      );
    }
    return found.get(urn);
  };
  return new Map(
    now.flatMap((resource) => {
      const then = former(resource);
      return then === undefined ? [] : [[resource.urn, then] as const];
    }),
  );
}

/**
 * A resource's URN below its parent's former URN; a name that begins with the parent's name begins with the former one
 * there.
 */
function below(parentThen: string, { type, name, parent }: RecordedResource): string {
  const [prefix, qualified, parentName] = partsOf(parentThen);
  const [, , parentNow] = partsOf(parent!);
  const then = name.startsWith(parentNow) ? parentName + name.slice(parentNow.length) : name;
  return `${prefix}::${qualified}$${type}::${then}`;
}

/** Stack and project, the types of the ancestors and its own, the name. */
function partsOf(urn: string): [string, string, string] {
  const [stack, project, qualified, ...name] = urn.split("::") as [string, string, string, ...string[]];
  return [`${stack}::${project}`, qualified, name.join("::")];
}
