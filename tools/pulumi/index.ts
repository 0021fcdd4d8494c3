import { execFile } from "node:child_process";
import { realpathSync } from "node:fs";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { gte } from "semver";
import { Unavailable } from "../errors";
import { isExecutable, onPath } from "../executable";
import { getTool } from "../get";
import { buildFromModules, type GoModules } from "../goModules";
import type { GetOptions, Source, Tool } from "../tool";

type Name = "pulumi";

/** The version to build if PATH has none. */
export const pulumiVersion = "3.260.0";

/** The first version whose engine calls resource hooks as the program needs it, as Pulumi.yaml requires. */
export const oldestPulumi = "3.238.0";

/** Pulumi's CLI with its engine. */
export interface Pulumi {
  /** Absolute path. */
  pulumi: string;
  version: string;
  source: Source;
  /** Whether an earlier call had already got it. */
  cached: boolean;
  /** Pulumi's own language host for Node.js. Its releases contain it beside the CLI; its Go module does not. */
  languageHost?: string;
}

export type GetPulumiOptions = Pick<GetOptions, "cacheDir" | "report" | "signal">;

/**
 * The CLI's module requires a version of gocloud.dev that was never released; the committed go.mod replaces it with the
 * release that followed. The linker sets the version, as in Pulumi's own build.
 */
const modules: GoModules<Name> = {
  title: "pulumi",
  packages: { pulumi: "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi" },
  pinned: join(__dirname, "modules"),
  linkerFlags: `-s -w -X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=v${pulumiVersion}`,
};

const tool: Tool<Name> = {
  title: "pulumi",
  names: ["pulumi"],
  versionArguments: () => ["version"],
  reportedVersion: (_, output) => /^v(\S+)$/m.exec(output)?.[1],
  // Users with internet access install Pulumi as its documentation says, and have it on PATH.
  download: () => Promise.reject(new Unavailable("the release of pulumi is not downloaded here")),
  build: (directory, options) => buildFromModules(modules, directory, options),
};

/**
 * Gets Pulumi's CLI: from PATH, if it is at least {@link oldestPulumi}, else {@link pulumiVersion} from the cache or
 * built from Go modules, which takes minutes.
 * @throws ToolError if no source has it; the signal's reason if it aborts
 */
export async function getPulumi(options: GetPulumiOptions = {}): Promise<Pulumi> {
  const found = onPath("pulumi");
  const version = found && (await versionOf(found, options.signal));
  if (found && version && gte(version, oldestPulumi)) {
    const beside = join(dirname(realpathSync(found)), "pulumi-language-nodejs");
    const languageHost = isExecutable(beside) ? beside : onPath("pulumi-language-nodejs");
    return { pulumi: found, version, source: "path", cached: false, languageHost };
  }
  if (found) {
    options.report?.(`${found} is version ${version ?? "unknown"}; at least ${oldestPulumi} is needed`);
  }
  return getTool(tool, { ...options, version: pulumiVersion, from: "go" });
}

async function versionOf(pulumi: string, signal?: AbortSignal): Promise<string | undefined> {
  try {
    const { stdout } = await promisify(execFile)(pulumi, ["version"], { timeout: 20_000, signal });
    return tool.reportedVersion("pulumi", stdout);
  } catch {
    signal?.throwIfAborted();
    return undefined;
  }
}
