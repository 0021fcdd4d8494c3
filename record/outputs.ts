import { isOutput, isSecret, outputOf, unknownValue, type Properties } from "./values";

/**
 * Dependencies inside properties, as the engine keeps them while a program's transforms change the properties: each
 * value that comes from a resource is an output that names the resource
 * (https://github.com/pulumi/pulumi/blob/master/pkg/resource/deploy/source_eval.go, upgradeOutputValues).
 * Everything here is in wire format.
 */

/** Properties with their secrets and unknowns as outputs, the form that a transform receives. */
export function asOutputs(properties: Properties): Properties {
  return map(properties, upgraded);
}

/** The same, with each property's dependencies written into it. */
export function withDependencies(
  properties: Properties,
  dependencies: Readonly<Record<string, readonly string[]>>,
): Properties {
  return Object.fromEntries(
    Object.entries(properties).map(([key, value]) => {
      const [needed, present] = [dependencies[key], dependenciesOf(value)];
      if (needed === undefined || needed.every((urn) => present.has(urn))) return [key, value];
      const output = isOutput(value) ? value : outputOf({ value });
      const own = (output.dependencies ?? []) as string[];
      return [key, { ...output, dependencies: [...new Set([...own, ...needed])] }];
    }),
  );
}

/** URNs of all resources that a value comes from. */
export function dependenciesOf(value: unknown): Set<string> {
  const found = new Set<string>();
  const visit = (each: unknown): void => {
    if (each === null || typeof each !== "object") return;
    if (isOutput(each)) {
      for (const urn of (each.dependencies ?? []) as string[]) found.add(urn);
      visit(each.value);
    } else Object.values(each).forEach(visit);
  };
  visit(value);
  return found;
}

function upgraded(value: unknown): unknown {
  if (value === unknownValue) return outputOf({});
  if (Array.isArray(value)) return value.map(upgraded);
  if (value === null || typeof value !== "object") return value;
  if (isOutput(value)) return "value" in value ? { ...value, value: upgraded(value.value) } : value;
  if (isSecret(value)) return outputOf({ value: upgraded(value.value), secret: true });
  return map(value as Properties, upgraded);
}

function map(properties: Properties, change: (value: unknown) => unknown): Properties {
  return Object.fromEntries(Object.entries(properties).map(([key, value]) => [key, change(value)]));
}
