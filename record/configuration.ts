import { basename } from "node:path";
import { secretText } from "../spec/secret";
import type { Answer, HandedIn } from "./handedIn";
import { SettingsError } from "./settingsError";
import { readYamlMap, type YamlMap } from "./yamlFile";

/** A stack's configuration as the engine passes it to a program. */
export interface Configuration {
  /** By full keys: texts as they are, everything else as JSON. */
  config: Record<string, string>;
  /** Keys of settings that are secret or hold a secret. A secret whose value is not known is `[secret]`. */
  secretKeys: string[];
}

/**
 * Combines a stack's configuration as Pulumi's CLI does: the stack file overrides the stack's environment, which
 * overrides what Pulumi.yaml has for every stack.
 * @param project Pulumi.yaml, and its name: settings without a namespace are the project's
 * @param stackFile path; undefined if the stack has none
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

/** Settings by full keys, `namespace:name`. */
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
  // Keys were once written as `aws:config:region`.
  const [, namespace, name] = /^([^:]*):(?:config:)?([^:]*)$/.exec(key) ?? [];
  if (name === undefined) throw new SettingsError(`${file}: config: ${key}: a key is namespace:name`);
  return `${namespace}:${name}`;
}

/**
 * What Pulumi.yaml has for every stack: a default for a setting of the project's own, a value for a setting of another
 * namespace. Either may be written in short form, without saying which it is.
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

/** Merges a value over another by the rules of JSON merge patch (RFC 7386): maps merge, everything else is replaced. */
function patched(below: unknown, value: unknown): unknown {
  if (!isMap(below) || !isMap(value)) return value;
  const own = Object.entries(value).map(([key, inner]) => [key, patched(below[key], inner)] as const);
  return { ...below, ...Object.fromEntries(own) };
}

function isMap(value: unknown): value is YamlMap {
  return value !== null && typeof value === "object" && !Array.isArray(value) && !isSecret(value);
}

/** Whether this is `{ secure: CIPHERTEXT }`; with other keys beside it, it is a plain map. */
function isSecret(value: object): boolean {
  return Object.keys(value).length === 1 && typeof (value as { secure?: unknown }).secure === "string";
}

/** A setting as the engine passes it on, and whether it holds a secret. */
function asText(value: unknown): { text: string; secret: boolean } {
  if (value === null || value === undefined) return { text: "", secret: false };
  if (typeof value !== "object")
    return { text: (value as string | number | boolean | bigint).toString(), secret: false };
  if (isSecret(value)) return { text: secretText, secret: true };
  let secret = false;
  const plain = (inner: unknown): unknown => {
    // No JavaScript program can tell such numbers apart once they are in JSON.
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
