import { basename } from "node:path";
import { z } from "zod";
import { secretText } from "../spec/secret";
import { SettingsError } from "./settingsError";
import { readYamlMap, type YamlMap } from "./yamlFile";

/** A stack's configuration as the engine hands it to a program. */
export interface Configuration {
  /** By their keys in full: texts as they are, the rest as JSON. */
  config: Record<string, string>;
  /** Keys of settings that are secret or hold a secret, which is `[secret]` where its value is not known. */
  secretKeys: string[];
}

/** What was handed in beside a stack file: what Pulumi answered, or what it opened. */
export interface HandedIn {
  /** Name of the file. */
  from: string;
  /** Of `pulumi config --json`: the whole configuration, so it wins over every file. */
  answers?: Record<string, Answer>;
  /** Of `pulumi env open`: what the stack file's `environment` stands for, so the stack file wins. */
  environment?: YamlMap;
}

const answer = z.strictObject({
  /** Not there for a secret, unless Pulumi was asked to show them. */
  value: z.string().optional(),
  objectValue: z.unknown().optional(),
  secret: z.boolean(),
});
type Answer = z.infer<typeof answer>;

const settings = z.record(z.string(), z.unknown());
const handedIn = z.union([
  z.record(z.string(), answer).transform((answers) => ({ answers })),
  // An environment has more than configuration, as variables for programs: that is not for a stack.
  z.looseObject({ pulumiConfig: settings }).transform(({ pulumiConfig }) => ({ environment: pulumiConfig })),
  settings.transform((environment) => ({ environment })),
]);

/**
 * Reads a file that was handed in: what `pulumi config --json` prints, or `pulumi env open`, whole or its
 * `pulumiConfig` alone.
 * @throws SettingsError if it cannot be read
 */
export function readHandedIn(path: string): HandedIn {
  return { from: basename(path), ...handedIn.parse(readYamlMap(path)) };
}

/**
 * Puts a stack's configuration together as Pulumi's CLI does: what Pulumi.yaml has for every stack, below what the
 * stack's environment has, below the stack file.
 * @param project Pulumi.yaml, and its name: settings without a namespace are the project's
 * @param stackFile path; undefined where the stack has none
 * @throws SettingsError naming the file and what is wrong with it
 */
export function readConfiguration(
  project: { name: string; config: unknown },
  stackFile: string | undefined,
  handed?: HandedIn,
): Configuration {
  const stack = stackFile === undefined ? {} : readYamlMap(stackFile);
  const file = basename(stackFile ?? "");
  if (handed === undefined && isDeclared(stack.environment)) throw environmentUnread(file);
  const declared = settingsOf<unknown>(file, project.name, stack.config ?? {});
  const opened = settingsOf<unknown>(handed?.from, project.name, handed?.environment ?? {});
  const own = [...declared].map(([key, value]) => [key, patched(opened.get(key), value)] as const);
  const values = new Map([...projectSettings(project), ...opened, ...own]);
  const known = [...values].map(([key, value]) => [key, asText(value)] as const);
  const answers = settingsOf<Answer>(handed?.from, project.name, handed?.answers ?? {});
  const answered = [...answers].map(
    ([key, { value: text = secretText, secret }]) => [key, { text, secret }] as const,
  );
  const all = [...new Map([...known, ...answered])];
  return {
    config: Object.fromEntries(all.map(([key, { text }]) => [key, text])),
    secretKeys: all.filter(([, { secret }]) => secret).map(([key]) => key),
  };
}

function isDeclared(environment: unknown): boolean {
  return environment !== undefined && environment !== null && Object.keys(environment).length > 0;
}

function environmentUnread(file: string): SettingsError {
  const how = "pulumi config --json > config.json, then --config config.json";
  return new SettingsError(`${file}: environment: only Pulumi can open it; hand in what it gives: ${how}`);
}

/** Settings by their keys in full, `namespace:name`. */
function settingsOf<Value>(file: string | undefined, project: string, config: unknown): Map<string, Value> {
  if (config === null || typeof config !== "object" || Array.isArray(config))
    throw new SettingsError(`${file}: config: must be a map of settings`);
  return new Map(
    Object.entries(config as Record<string, Value>).map(([key, value]) => [
      fullKey(file, project, key),
      value,
    ]),
  );
}

function fullKey(file: string | undefined, project: string, key: string): string {
  if (!key.includes(":")) return `${project}:${key}`;
  // `aws:config:region` is how keys were once written.
  const [, namespace, name] = /^([^:]*):(?:config:)?([^:]*)$/.exec(key) ?? [];
  if (name === undefined) throw new SettingsError(`${file}: config: ${key}: a key is namespace:name`);
  return `${namespace}:${name}`;
}

/**
 * What Pulumi.yaml has for every stack: a setting of the project's own as its default, of another namespace as its
 * value, and either may stand in short, without saying which it is.
 */
function projectSettings({ name, config }: { name: string; config: unknown }): [string, unknown][] {
  return [...settingsOf<unknown>("Pulumi.yaml", name, config ?? {})].flatMap(([key, declared]) => {
    if (/[.[]/.test(key.slice(key.indexOf(":"))))
      throw new SettingsError(
        `Pulumi.yaml: config: ${key}: names a part of a setting; only whole ones are read here`,
      );
    const isTyped = declared !== null && typeof declared === "object" && !Array.isArray(declared);
    const value = isTyped ? ((declared as YamlMap).default ?? (declared as YamlMap).value) : declared;
    return value === null || value === undefined ? [] : [[key, value] as [string, unknown]];
  });
}

/** A value over another, by the rules of JSON merge patch (RFC 7386): maps become one, all else is replaced. */
function patched(below: unknown, value: unknown): unknown {
  if (!isMap(below) || !isMap(value)) return value;
  const own = Object.entries(value).map(([key, inner]) => [key, patched(below[key], inner)] as const);
  return { ...below, ...Object.fromEntries(own) };
}

function isMap(value: unknown): value is YamlMap {
  return value !== null && typeof value === "object" && !Array.isArray(value) && !isSecret(value);
}

/** `{ secure: CIPHERTEXT }`: a map with other keys beside it is a map. */
function isSecret(value: object): boolean {
  return Object.keys(value).length === 1 && typeof (value as { secure?: unknown }).secure === "string";
}

/** A setting as the engine hands it over, and whether it holds a secret. */
function asText(value: unknown): { text: string; secret: boolean } {
  if (value === null || value === undefined) return { text: "", secret: false };
  if (typeof value !== "object")
    return { text: (value as string | number | boolean | bigint).toString(), secret: false };
  if (isSecret(value)) return { text: secretText, secret: true };
  let secret = false;
  const plain = (inner: unknown): unknown => {
    // No program in JavaScript tells such numbers apart once they stand in JSON.
    if (typeof inner === "bigint") return Number(inner);
    if (inner === null || typeof inner !== "object") return inner;
    if (Array.isArray(inner)) return inner.map(plain);
    if (isSecret(inner)) {
      secret = true;
      return secretText;
    }
    const sorted = Object.entries(inner).toSorted(([one], [other]) => (one < other ? -1 : 1));
    return Object.fromEntries(sorted.map(([key, each]) => [key, plain(each)]));
  };
  return { text: JSON.stringify(plain(value)), secret };
}
