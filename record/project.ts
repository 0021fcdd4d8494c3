import { existsSync, readdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { secretText } from "../spec/secret";
import { readConfiguration, type Configuration } from "./configuration";
import type { HandedIn } from "./handedIn";
import { SettingsError } from "./settingsError";
import { readYamlMap } from "./yamlFile";

/** A Pulumi program and one of its stacks, as far as running it requires. */
export interface StackProgram extends Configuration {
  directory: string;
  project: string;
  /** The stack's owner, if its reference names one. */
  organization?: string;
  stack: string;
  /** Entry point, from Pulumi.yaml's `main`. */
  main: string;
  /** Name of the stack file, for errors. */
  stackFile: string;
  /** What was handed in of the stack's configuration. */
  handed?: HandedIn;
}

/**
 * Reads Pulumi.yaml and Pulumi.<stack>.yaml as the Pulumi CLI does.
 * @param reference `stack`, `organization/stack` or `organization/project/stack`
 * @param configFile what Pulumi prints of the stack's configuration, see `readHandedIn`
 * @throws SettingsError naming the file and what is wrong with it
 */
export function loadStack(directory: string, reference: string, configFile?: string): StackProgram {
  const handed = configFile === undefined ? undefined : handedIn().readHandedIn(configFile);
  return loadWith(directory, reference, handed);
}

/** Its checks take longer to load than a stack takes to read, and few commands are handed anything. */
function handedIn() {
  // eslint-disable-next-line @typescript-eslint/no-require-imports
  return require("./handedIn") as typeof import("./handedIn");
}

/**
 * The same stack in another directory, for example at another revision. Of what was handed in, only the environment
 * applies to both: answers describe the stack as it is now.
 * @throws SettingsError naming the file and what is wrong with it
 */
export function loadAgain({ organization, stack, handed }: StackProgram, directory: string): StackProgram {
  return loadWith(
    directory,
    organization === undefined ? stack : `${organization}/${stack}`,
    environmentOf(handed),
  );
}

/**
 * The same program with another stack file.
 * @throws SettingsError naming the file and what is wrong with it
 */
export function withStackFile(program: StackProgram, path: string): StackProgram {
  const { directory, handed } = program;
  const { project } = readProject(directory);
  return { ...program, ...readConfiguration(project, path, environmentOf(handed)) };
}

function environmentOf(handed?: HandedIn): HandedIn | undefined {
  return handed?.environment === undefined ? undefined : handed;
}

function loadWith(directory: string, reference: string, handed?: HandedIn): StackProgram {
  const root = resolve(directory);
  const { project, main, stacks, extension } = readProject(root);
  const { organization, stack } = parseReference(reference, project.name);
  const stackFile = `Pulumi.${stack}${extension}`;
  const path = join(stacks, stackFile);
  const exists = existsSync(path);
  // Pulumi may keep a stack's configuration elsewhere: then its answer is all we have.
  if (!exists && handed === undefined) {
    const known = stacksIn(stacks, extension).join(", ") || "none";
    throw new SettingsError(`stack "${stack}" does not exist: no ${stackFile}; there are ${known}`);
  }
  return {
    ...{ directory: root, project: project.name, organization, stack, main, stackFile, handed },
    ...readConfiguration(project, exists ? path : undefined, handed),
  };
}

/** In the order in which Pulumi looks for a project; stack files use the same order. */
const extensions = [".json", ".yaml", ".yml"];

function readProject(root: string) {
  const extension = extensions.find((each) => existsSync(join(root, `Pulumi${each}`)));
  if (extension === undefined) throw new SettingsError(`${root} holds no Pulumi project`);
  const { name, main, config, stackConfigDir } = readYamlMap(join(root, `Pulumi${extension}`));
  if (typeof name !== "string" || name === "") throw new SettingsError(`Pulumi${extension}: name: missing`);
  // `config` once said where stack files are.
  const place = typeof config === "string" ? config : stackConfigDir;
  return {
    project: { name, config: typeof config === "string" ? undefined : config },
    main: typeof main === "string" ? main : ".",
    stacks: typeof place === "string" ? join(root, place) : root,
    extension,
  };
}

function parseReference(reference: string, project: string): { organization?: string; stack: string } {
  const parts = reference.split("/");
  if (parts.length > 3 || !parts.every((part) => /^(?!\.+$)[\w.-]{1,100}$/.test(part)))
    throw new SettingsError(
      `stack "${reference}": must be a stack's name, organization/stack or organization/project/stack`,
    );
  const stack = parts.pop()!;
  const [organization, named = project] = parts;
  if (named !== project)
    throw new SettingsError(`stack "${reference}": is of project ${named}; the project here is ${project}`);
  return { organization, stack };
}

function stacksIn(directory: string, extension: string): string[] {
  if (!existsSync(directory)) return [];
  const names = readdirSync(directory).filter(
    (file) => file.startsWith("Pulumi.") && file.endsWith(extension),
  );
  return names.map((file) => file.slice("Pulumi.".length, -extension.length)).filter((stack) => stack !== "");
}

/** A stack with some settings changed; undefined removes one. */
export function withSettings(program: StackProgram, settings: Record<string, unknown>): StackProgram {
  const config = { ...program.config };
  for (const [key, value] of Object.entries(settings)) {
    const name = `${program.project}:${key}`;
    if (value === undefined) delete config[name];
    else config[name] = typeof value === "string" ? value : JSON.stringify(value);
  }
  return { ...program, config };
}

/** The part of a stack that contains settings. */
export type ConfiguredStack = Pick<StackProgram, "config" | "stackFile">;

/**
 * A setting that must be known here, outside the program.
 * @throws SettingsError if it is secret and its value was not handed in, or if it is empty
 */
export function knownSetting({ config, stackFile }: ConfiguredStack, key: string): string | undefined {
  const text = config[key];
  if (text === "") throw new SettingsError(`${stackFile}: ${key}: empty; give it a value, or leave it out`);
  if (text?.includes(secretText))
    throw new SettingsError(
      `${stackFile}: ${key}: is secret, and has to be known here: hand in what pulumi config --show-secrets --json prints, by --config`,
    );
  return text;
}

/**
 * The region that the AWS provider uses.
 * @throws SettingsError if neither the stack nor the environment sets one
 */
export function regionOf(program: ConfiguredStack): string {
  const { AWS_REGION, AWS_DEFAULT_REGION } = process.env;
  const region = knownSetting(program, "aws:region") ?? (AWS_REGION || AWS_DEFAULT_REGION);
  if (region) return region;
  throw new SettingsError(
    `${program.stackFile}: aws:region: missing; it has no default but AWS_REGION in the environment`,
  );
}
