import type { Properties } from "./values";

/** One registration of the program, as the engine would have received it. */
export interface RecordedResource {
  urn: string;
  type: string;
  name: string;
  /** URN of the parent; undefined only for the stack. */
  parent?: string;
  /** Whether a provider makes it; components are not custom. */
  custom: boolean;
  id?: string;
  inputs: Properties;
  /** Inputs plus what the provider would add. */
  outputs: Properties;
  /** URNs of everything that it waits for. */
  dependencies: string[];
  /** URNs that single inputs come from. */
  propertyDependencies: Record<string, string[]>;
  options: ResourceOptions;
}

/** Options that differ from Pulumi's defaults. */
export interface ResourceOptions {
  protect?: boolean;
  /** False if the program says so; if undefined, the provider decides. */
  deleteBeforeReplace?: boolean;
  retainOnDelete?: boolean;
  /** URN. */
  deletedWith?: string;
  ignoreChanges?: string[];
  replaceOnChanges?: string[];
  /** URNs. */
  replaceWith?: string[];
  replacementTrigger?: unknown;
  hideDiffs?: string[];
  /** URNs. */
  aliases?: string[];
  /** Id of the existing resource to take over. */
  import?: string;
  additionalSecretOutputs?: string[];
  /** As the program writes them, such as `5m`. */
  customTimeouts?: Partial<Record<"create" | "update" | "delete" | "read", string>>;
  /** URN; if undefined, the default provider of the type's package. */
  provider?: string;
  version?: string;
  pluginDownloadURL?: string;
  /** Environment variables, mapped to the names under which the provider reads them. */
  envVarMappings?: Record<string, string>;
  /** Names of hooks by their moment, for example `beforeDelete`. */
  hooks?: Record<string, string[]>;
}

export interface LogLine {
  severity: "debug" | "info" | "warning" | "error";
  message: string;
  /** The resource it is about. */
  urn?: string;
}

/** Everything that one run of a program declared. */
export interface Recording {
  project: string;
  stack: string;
  /** In the order of their URNs. */
  resources: RecordedResource[];
  /** The stack's exports. */
  outputs: Properties;
  logs: LogLine[];
  /** Names of registered hooks. */
  hooks: string[];
}

/** Resources of one type. */
export function ofType(recording: Recording, type: string): RecordedResource[] {
  return recording.resources.filter((resource) => resource.type === type);
}

/** Resources directly below another. */
export function childrenOf(recording: Recording, parent: RecordedResource): RecordedResource[] {
  return recording.resources.filter((resource) => resource.parent === parent.urn);
}
