import type { PolicyResource } from "@pulumi/policy";

/** Stands for a value that cannot be seen: known only after a deployment, a secret, or defined elsewhere. */
export const unknown = Symbol("not seen");
export type Unknown = typeof unknown;

export type Value = string | number | boolean | null | undefined | Unknown | Value[] | Values;
export interface Values {
  [name: string]: Value;
}

/** A resource of the stack with plain properties: what is not known yet is {@link unknown}. */
export interface Resource extends Pick<PolicyResource, "urn" | "type" | "name" | "opts"> {
  readonly props: Values;
  readonly parent?: Resource;
  readonly dependencies: Resource[];
  /** Resources that a top-level property takes its value from; known in a preview, too. */
  readonly sources: Record<string, Resource[]>;
  /** On a machine: the launch template that may set what is {@link unknown}, if that template is not seen. */
  readonly hiddenTemplate?: string;
}

/**
 * The resources as plain data, each read only on demand: a rule looks at few of them, but every rule is handed all of
 * them anew.
 */
export function plainResources(resources: readonly PolicyResource[]): Resource[] {
  const plain = new Map<string, Resource>();
  const known = (list: readonly PolicyResource[]) => list.flatMap(({ urn }) => plain.get(urn) ?? []);
  for (const resource of resources) {
    const { urn, type, name, opts } = resource;
    plain.set(urn, {
      urn,
      type,
      name,
      opts,
      get props() {
        return once(this, "props", () => values(resource.props));
      },
      get parent() {
        return once(this, "parent", () => known(resource.parent ? [resource.parent] : [])[0]);
      },
      get dependencies() {
        return once(this, "dependencies", () => known(resource.dependencies));
      },
      get sources() {
        const sources = Object.entries(resource.propertyDependencies);
        return once(this, "sources", () =>
          Object.fromEntries(sources.map(([property, list]) => [property, known(list)])),
        );
      },
    });
  }
  return [...plain.values()];
}

/** Replaces a getter with the value that it made. */
function once<T>(resource: Resource, name: keyof Resource, make: () => T): T {
  const value = make();
  Object.defineProperty(resource, name, { value });
  return value;
}

function values(props: Record<string, unknown>): Values {
  return Object.fromEntries(Object.keys(props).map((key) => [key, read(props, key)]));
}

/** The SDK's properties throw if a value is unknown. */
function read(holder: Record<string, unknown>, key: string): Value {
  let value: unknown;
  try {
    value = holder[key];
  } catch (error) {
    if (error instanceof Error && "unknownTypeSentinel" in error) return unknown;
    throw error;
  }
  if (Array.isArray(value))
    return Array.from({ length: value.length }, (_, index) =>
      read(value as unknown as Record<string, unknown>, String(index)),
    );
  return typeof value === "object" && value !== null
    ? values(value as Record<string, unknown>)
    : (value as Value);
}

/** The value at a path of names and indexes; undefined if there is nothing, unknown below an unknown. */
export function at(value: Value, ...path: (string | number)[]): Value {
  let here = value;
  for (const key of path) {
    if (here === unknown) return unknown;
    if (typeof here !== "object" || here === null) return undefined;
    here = (here as Values)[key];
  }
  return here;
}

/** A list's items; none if it is not a list. */
export function items(value: Value): Value[] {
  return Array.isArray(value) ? value : [];
}

/** Values that may be single or in a list, as in IAM policies. */
export function oneOrMany(value: Value): Value[] {
  return Array.isArray(value) ? value : value === undefined ? [] : [value];
}

/**
 * Whether a top-level property of one resource names the other: by where its value comes from, or by id, ARN or name.
 */
export function refersTo(resource: Resource, property: string, target: Resource): boolean {
  if (resource.sources[property]?.includes(target)) return true;
  const names = ["id", "arn", "name", "bucket", "spotInstanceId"].flatMap((key) => {
    const value = target.props[key];
    return typeof value === "string" ? [value] : [];
  });
  return names.some((name) => mentions(resource.props[property], name));
}

function mentions(value: Value, name: string): boolean {
  if (value === name) return true;
  if (typeof value !== "object" || value === null) return false;
  return Object.values(value).some((inner) => mentions(inner, name));
}

/** A value for people. */
export function shown(value: Value): string {
  if (value === unknown) return "a secret or known only after a deployment";
  if (value === undefined || value === null) return "not set";
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** Why a rule cannot decide on what is {@link unknown}: `its image comes from a launch template that …`. */
export function notSeen({ hiddenTemplate }: Resource, what: string): string {
  return hiddenTemplate === undefined
    ? `${what} is a secret or known only after a deployment`
    : `${what} may come from ${hiddenTemplate}`;
}

/** Known tags of a resource, including the provider's default tags. */
export function tags(resource: Resource): Record<string, string> {
  const { tagsAll, tags: own } = resource.props;
  // In the types of AWS' own provider, tags are a list of keys and values.
  const listed = items(own).map((each): [string, Value] => [shown(at(each, "key")), at(each, "value")]);
  const named = Array.isArray(own) ? Object.fromEntries(listed) : own;
  const found = { ...(tagsAll as Values | undefined), ...(named as Values | undefined) };
  return Object.fromEntries(
    Object.entries(found).filter((entry): entry is [string, string] => typeof entry[1] === "string"),
  );
}
