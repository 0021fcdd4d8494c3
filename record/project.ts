import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { parseDocument } from "yaml";

/** Wrong usage or settings: what the user must mend. Commands end with exit code 2. */
export class SettingsError extends Error {}

/** A Pulumi program and one of its stacks, as far as running it needs to know. */
export interface StackProgram {
  directory: string;
  project: string;
  stack: string;
  /** Entry point, from Pulumi.yaml's `main`. */
  main: string;
  /** Configuration as the engine hands it to a program: full keys, texts or JSON. */
  config: Record<string, string>;
}

/**
 * Reads Pulumi.yaml and Pulumi.<stack>.yaml as the Pulumi CLI does.
 * @throws SettingsError naming the file and what is wrong with it
 */
export function loadStack(directory: string, stack: string): StackProgram {
  const root = resolve(directory);
  const project = readYaml(join(root, "Pulumi.yaml"), `${root} holds no Pulumi project`);
  const { name, main } = project;
  if (typeof name !== "string" || name === "") throw new SettingsError("Pulumi.yaml: name: missing");
  const stackFile = `Pulumi.${stack}.yaml`;
  const missing = `stack "${stack}" does not exist: no ${stackFile}; there are ${stacksIn(root).join(", ") || "none"}`;
  return {
    directory: root,
    project: name,
    stack,
    main: typeof main === "string" ? main : ".",
    config: readConfig(name, join(root, stackFile), missing),
  };
}

/**
 * Reads a stack file's configuration.
 * @param project whose settings are those without a namespace
 * @param missing what to say if there is no such file
 * @throws SettingsError naming the file and what is wrong with it
 */
export function readConfig(project: string, path: string, missing: string): StackProgram["config"] {
  const file = basename(path);
  const { config = {} } = readYaml(path, missing);
  if (config === null || typeof config !== "object" || Array.isArray(config)) {
    throw new SettingsError(`${file}: config: must be a map of settings`);
  }
  return Object.fromEntries(
    Object.entries(config).map(([key, value]) => [
      key.includes(":") ? key : `${project}:${key}`,
      text(file, key, value),
    ]),
  );
}

/** A setting as the engine hands it over: texts as they are, the rest as JSON. */
function text(file: string, key: string, value: unknown): string {
  if (typeof value === "string") return value;
  if (value === null || value === undefined) return "";
  if (typeof value === "object" && "secure" in value) {
    throw new SettingsError(
      `${file}: ${key}: is encrypted; only the Pulumi CLI can read it, plans and rehearsals cannot`,
    );
  }
  try {
    return JSON.stringify(value);
  } catch {
    throw new SettingsError(`${file}: ${key}: an anchor holds an alias of itself; a setting has an end`);
  }
}

/** The most that Pulumi.yaml or a stack file may have, in bytes: far more than any cluster's. */
const longest = 1 << 20;

function readYaml(path: string, missing: string): Record<string, unknown> {
  if (!existsSync(path)) throw new SettingsError(missing);
  const file = basename(path);
  let content: string;
  try {
    if (statSync(path).size > longest)
      throw new Error(`it has ${statSync(path).size} bytes, ${longest} at most are read`);
    content = readFileSync(path, "utf8");
  } catch (error) {
    throw new SettingsError(`${file}: cannot be read: ${(error as Error).message}`);
  }
  let map: unknown;
  try {
    const document = parseDocument(content);
    const [error] = document.errors;
    if (error !== undefined) throw error;
    // Throws where aliases of aliases would fill the memory.
    map = document.toJS();
  } catch (error) {
    throw new SettingsError(`${file}: is not YAML: ${(error as Error).message.trim()}`);
  }
  if (map === null || typeof map !== "object" || Array.isArray(map)) {
    throw new SettingsError(`${file}: is not a YAML map`);
  }
  return map as Record<string, unknown>;
}

function stacksIn(directory: string): string[] {
  return readdirSync(directory).flatMap((file) => /^Pulumi\.(.+)\.yaml$/.exec(file)?.[1] ?? []);
}

/** A stack with some settings changed; undefined leaves one out. */
export function withSettings(program: StackProgram, settings: Record<string, unknown>): StackProgram {
  const config = { ...program.config };
  for (const [key, value] of Object.entries(settings)) {
    const name = `${program.project}:${key}`;
    if (value === undefined) delete config[name];
    else config[name] = typeof value === "string" ? value : JSON.stringify(value);
  }
  return { ...program, config };
}
