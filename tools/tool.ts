import { join } from "node:path";

/** Where binaries come from: PATH, the official release, or Go modules built here. */
export type Source = "path" | "release" | "go";

/** One or more binaries of one version that are got together. */
export interface Tool<Name extends string = string> {
  /** What messages and the cache call it. */
  title: string;
  names: readonly Name[];
  /** Arguments that make a binary report its version. */
  versionArguments(name: Name): string[];
  /** The version in that output. */
  reportedVersion(name: Name, output: string): string | undefined;
  /** Puts the official release's binaries into the directory, once their checksum is verified. */
  download(directory: string, options: GetOptions): Promise<void>;
  /** Builds the binaries into the directory. */
  build(directory: string, options: GetOptions): Promise<void>;
}

/** Absolute paths of a tool's binaries. */
export type Binaries<Name extends string> = Record<Name, string>;

/** Binaries, and where they came from. */
export type Got<Name extends string> = Binaries<Name> & {
  version: string;
  source: Source;
  /** Whether an earlier call had already got them. */
  cached: boolean;
};

export interface GetOptions {
  /** In full, for example "3.6.16". */
  version: string;
  /** `auto` tries the cache, PATH, the release and Go modules in turn. @default "auto" */
  from?: "auto" | Source;
  /** Where releases are, in the layout of the project's own place. @default that place */
  mirror?: string;
  /** SHA-256 of the Linux downloads, in hex. @default what is published beside them */
  checksums?: Partial<Record<Architecture, string>>;
  /** @default etcd-kubernetes in $XDG_CACHE_HOME or ~/.cache */
  cacheDir?: string;
  /** Receives what is under way, one line at a time. */
  report?: (message: string) => void;
  /** Aborting it ends the work with its child processes; nothing half-made stays in the cache. */
  signal?: AbortSignal;
}

export type Architecture = "amd64" | "arm64";

const architectures: Readonly<Record<string, Architecture>> = { x64: "amd64", arm64: "arm64" };

/** What releases call this computer's architecture; undefined if there are none for it. */
export function architecture(): Architecture | undefined {
  return architectures[process.arch];
}

/** A tool's binaries in one directory. */
export function binariesIn<Name extends string>({ names }: Tool<Name>, directory: string): Binaries<Name> {
  return Object.fromEntries(names.map((name) => [name, join(directory, name)])) as Binaries<Name>;
}
