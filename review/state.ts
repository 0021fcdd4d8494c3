import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { z } from "zod";
import { SettingsError } from "../record/settingsError";
import type { RecordedResource } from "../record/recording";
import { decodeWire, isSecret, Secret, unknownValue, type Properties } from "../record/values";

/** Deeper than any provider's properties; what JSON itself allows would overflow the call stack. */
const maxDepth = 100;

const properties = z.record(z.string(), z.unknown()).nullish();

const resource = z.looseObject({
  urn: z.string().regex(/^urn:pulumi:[^:]*::[^:]*::.+::.+$/, "is not a URN"),
  type: z.string(),
  custom: z.boolean().default(false),
  id: z.string().optional(),
  parent: z.string().optional(),
  inputs: properties,
  outputs: properties,
  dependencies: z.array(z.string()).nullish(),
  propertyDependencies: z.record(z.string(), z.array(z.string()).nullable()).nullish(),
  protect: z.boolean().default(false),
  delete: z.boolean().default(false),
});

const exported = z.object({
  deployment: z.object(
    { resources: z.array(resource, { error: "holds no resources" }).min(1, "holds no resources") },
    { error: "holds no deployment; `pulumi stack export` writes one" },
  ),
});

/**
 * Reads what `pulumi stack export` wrote.
 * @returns the resources of the stack, without those pending deletion
 * @throws SettingsError if the file is not one, is truncated, is nested too deeply or holds no resources
 */
export function readState(file: string): { stack: string; resources: RecordedResource[] } {
  const refuse = (problem: string) => new SettingsError(`--state ${file}: ${problem}`);
  let state: unknown;
  try {
    // PowerShell writes a byte order mark first.
    state = JSON.parse(readFileSync(file, "utf8").replace(/^\uFEFF/, ""));
  } catch (error) {
    throw refuse(error instanceof SyntaxError ? `is not JSON: ${error.message}` : (error as Error).message);
  }
  if (isDeeper(state, maxDepth)) throw refuse(`is nested deeper than ${maxDepth}; no stack is`);
  const parsed = exported.safeParse(state);
  if (!parsed.success) {
    const { path, message } = parsed.error.issues[0]!;
    throw refuse([...path, message].join(": "));
  }
  const resources = parsed.data.deployment.resources
    .filter((each) => !each.delete)
    .map((each): RecordedResource => {
      const { urn, type, id, parent, custom, dependencies, propertyDependencies, protect } = each;
      return {
        urn,
        type,
        name: urn.slice(urn.lastIndexOf("::") + 2),
        parent,
        custom,
        id,
        ...propertiesOf(each),
        dependencies: dependencies ?? [],
        propertyDependencies: Object.fromEntries(
          Object.entries(propertyDependencies ?? {}).map(([property, urns]) => [property, urns ?? []]),
        ),
        options: { protect },
      };
    });
  return { stack: resources[0]!.urn.split(":")[2]!, resources };
}

function propertiesOf(exported: z.output<typeof resource>): { inputs: Properties; outputs: Properties } {
  const inputs = decodeWire(opened(exported.inputs ?? {}) as Properties);
  const outputs = decodeWire(opened(exported.outputs ?? {}) as Properties);
  // Before its version 7, the provider kept only the SHA-1 of user data; the input is the text that it belongs to.
  const { userData } = inputs;
  const plain = userData instanceof Secret ? userData.reveal() : userData;
  if (plain === unknownValue || (typeof plain === "string" && outputs.userData === sha1(plain)))
    outputs.userData = userData;
  return { inputs, outputs };
}

function sha1(text: string): string {
  return createHash("sha1").update(text).digest("hex");
}

/** The same with secrets in plain text if the export shows them; otherwise they are ciphertexts, and become unknown. */
function opened(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(opened);
  if (value === null || typeof value !== "object") return value;
  if (isSecret(value)) {
    const plain = typeof value.plaintext === "string" ? parsed(value.plaintext) : undefined;
    return plain === undefined ? unknownValue : { ...value, value: opened(plain) };
  }
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, opened(inner)]));
}

/** @returns undefined for what is not JSON */
function parsed(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return isDeeper(value, maxDepth) ? undefined : value;
  } catch {
    return undefined;
  }
}

function isDeeper(value: unknown, depth: number): boolean {
  if (value === null || typeof value !== "object") return false;
  return depth === 0 || Object.values(value).some((inner) => isDeeper(inner, depth - 1));
}
