import { basename } from "node:path";
import { z } from "zod";
import { readYamlMap, type YamlMap } from "./yamlFile";

/** What was handed in besides a stack file: Pulumi's answer, or an environment that it opened. */
export interface HandedIn {
  /** Name of the file. */
  from: string;
  /** From `pulumi config --json`: the whole configuration, so it overrides every file. */
  answers?: Record<string, Answer>;
  /** From `pulumi env open`: what the stack file's `environment` stands for, so the stack file overrides it. */
  environment?: YamlMap;
}

const answer = z.strictObject({
  /** Absent for a secret, unless Pulumi was asked to show secrets. */
  value: z.string().optional(),
  objectValue: z.unknown().optional(),
  secret: z.boolean(),
});
export type Answer = z.infer<typeof answer>;

const settings = z.record(z.string(), z.unknown());
const handedIn = z.union([
  z.record(z.string(), answer).transform((answers) => ({ answers })),
  // An environment contains more than configuration, such as variables for programs: that is not for a stack.
  z.looseObject({ pulumiConfig: settings }).transform(({ pulumiConfig }) => ({ environment: pulumiConfig })),
  settings.transform((environment) => ({ environment })),
]);

/**
 * Reads a file that was handed in: the output of `pulumi config --json`, or of `pulumi env open`, either whole or its
 * `pulumiConfig` alone.
 * @throws SettingsError if it cannot be read
 */
export function readHandedIn(path: string): HandedIn {
  return { from: basename(path), ...handedIn.parse(readYamlMap(path)) };
}
