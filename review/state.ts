import { readFileSync } from "node:fs";
import { z } from "zod";
import { SettingsError } from "../record/settingsError";
import type { RecordedResource } from "../record/recording";
import { decodeWire } from "../record/values";

const resource = z.looseObject({
  urn: z.string().regex(/^urn:pulumi:[^:]*::[^:]*::.+::.+$/, "is no URN"),
  type: z.string(),
  custom: z.boolean().default(false),
  id: z.string().optional(),
  parent: z.string().optional(),
  inputs: z.record(z.string(), z.unknown()).default({}),
  outputs: z.record(z.string(), z.unknown()).default({}),
  dependencies: z.array(z.string()).default([]),
  propertyDependencies: z.record(z.string(), z.array(z.string()).nullable()).default({}),
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
 * @returns the resources of the stack, without those that wait for their deletion
 * @throws SettingsError if the file is none, is truncated or holds no resources
 */
export function readState(file: string): { stack: string; resources: RecordedResource[] } {
  const refuse = (problem: string) => new SettingsError(`--state ${file}: ${problem}`);
  let state: unknown;
  try {
    state = JSON.parse(readFileSync(file, "utf8"));
  } catch (error) {
    throw refuse(error instanceof SyntaxError ? `is not JSON: ${error.message}` : (error as Error).message);
  }
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
        // Secrets of an export are ciphertexts, of which nothing is kept.
        inputs: decodeWire(each.inputs),
        outputs: decodeWire(each.outputs),
        dependencies,
        propertyDependencies: Object.fromEntries(
          Object.entries(propertyDependencies).map(([property, urns]) => [property, urns ?? []]),
        ),
        options: { protect },
      };
    });
  return { stack: resources[0]!.urn.split(":")[2]!, resources };
}
