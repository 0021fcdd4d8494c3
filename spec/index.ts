import { z } from "zod";
import { awsProblems } from "./awsRules";
import { checksumProblems } from "./checksums";
import { clusterSchema, type ClusterSpec } from "./clusterSpec";
import { problems, type Problem } from "./rules";
import { secretText } from "./secret";
import { endsAtEndpoints, wayOutProblems } from "./wayOut";

export type { ClusterSpec, MemberSpec, Subnet } from "./clusterSpec";
export type { Problem } from "./rules";

/**
 * A cluster as a person declares it: what has a default may be left out.
 * @interface
 */
export type ClusterDeclaration = z.input<typeof clusterSchema>;

const secretNeeded =
  "is secret, and has to be known here: make it plain text, or hand in what pulumi config --show-secrets --json prints, by --config";

/**
 * Checks a whole declaration and fills in its defaults.
 * @param region the stack's, if the caller knows it: zones and topic must be in it
 * @returns the cluster's specification, or every problem found in the declaration
 */
export function parseCluster(
  declaration: unknown,
  region?: string,
): { spec: ClusterSpec } | { problems: Problem[] } {
  const parsed = clusterSchema.safeParse(declaration);
  if (!parsed.success)
    return { problems: parsed.error.issues.flatMap((issue) => describe(issue, declaration)) };
  const { data } = parsed;
  const deletionProtection = data.deletionProtection ?? data.environment === "production";
  const machine = { ...data.machine, install: data.machine.install ?? !endsAtEndpoints(data.network) };
  const spec = { ...data, deletionProtection, machine };
  const found = [
    ...problems(spec),
    ...checksumProblems(spec),
    ...awsProblems(spec, region),
    ...wayOutProblems(spec),
  ];
  return found.length > 0 ? { problems: found } : { spec };
}

/** One of the schema's issues in the terms of whoever wrote the declaration. */
function describe(issue: z.core.$ZodIssue, declaration: unknown): Problem[] {
  const value = issue.path.reduce<unknown>(
    (at, key) => (at as Record<PropertyKey, unknown>)?.[key],
    declaration,
  );
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((key) => ({ path: format([...issue.path, key]), message: "unknown setting" }));
  }
  if (issue.code === "invalid_key")
    return issue.issues.map(({ message }) => ({ path: format(issue.path), message }));
  const path = format(issue.path);
  if (value === undefined) return [{ path, message: "missing; it has no default" }];
  // Pulumi passes a key without a value as an empty text, and as null inside a map.
  if (value === "" || value === null) return [{ path, message: "empty; give it a value, or leave it out" }];
  if (value === secretText) return [{ path, message: secretNeeded }];
  const rule =
    issue.code === "invalid_type"
      ? `must be of type ${issue.expected}`
      : issue.code === "invalid_value"
        ? `must be one of ${issue.values.join(", ")}`
        : issue.message;
  return [{ path, message: `${JSON.stringify(value)} ${rule}` }];
}

/** `["members", 3, "address"]` as `members[3].address`. */
function format(path: readonly PropertyKey[]): string {
  return path.reduce<string>(
    (text, key) =>
      typeof key === "number" ? `${text}[${key}]` : text === "" ? String(key) : `${text}.${String(key)}`,
    "",
  );
}
