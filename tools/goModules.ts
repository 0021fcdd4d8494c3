import { existsSync } from "node:fs";
import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { runGroup } from "./runGroup";
import type { GetOptions } from "./tool";

/** How a tool is built from its published Go modules. */
export interface GoModules<Name extends string> {
  title: string;
  /** The main package of each binary. */
  packages: Readonly<Record<Name, string>>;
  /** Directory with a folder for each version that is held to a committed go.mod and go.sum. */
  pinned: string;
  /** For the linker, as what a version is told by. */
  linkerFlags?: string;
}

/**
 * Builds a tool's binaries from Go modules. For versions with a folder under `pinned`, every module is held
 * to the checksums committed there; others are resolved now and held to Go's checksum database.
 * @throws Unavailable if Go is not installed, or with the end of its output if it fails
 */
export async function buildFromModules<Name extends string>(
  { title, packages, pinned, linkerFlags }: GoModules<Name>,
  directory: string,
  { version, report, signal }: GetOptions,
): Promise<void> {
  const work = join(directory, "work");
  await mkdir(work);
  const env = {
    ...process.env,
    CGO_ENABLED: "0",
    // In the place of the user's own, which may ask for what cannot be built so (vendoring, the race detector).
    GOFLAGS: "-trimpath",
    GOWORK: "off",
    // A compiler lives for seconds: collecting its garbage costs a fifth of the build. Up to this size of each.
    GOGC: "off",
    GOMEMLIMIT: "2GiB",
    // Go that is killed leaves its temporary files: here they are removed with the directory.
    GOTMPDIR: work,
  };
  const committed = join(pinned, version);
  const isPinned = existsSync(committed);
  const cwd = isPinned ? committed : work;
  const go = (args: string[]) => runGroup("go", args, { cwd, env, signal });

  report?.(
    `building ${title} ${version} from Go modules, ` +
      (isPinned ? "held to the checksums committed here" : "held to Go's checksum database"),
  );
  const each = Object.entries<string>(packages);
  if (!isPinned) {
    await go(["mod", "init", title]);
    await go(["get", "-tool", ...each.map(([, main]) => `${main}@v${version}`)]);
  }
  const flags = linkerFlags === undefined ? [] : [`-ldflags=${linkerFlags}`];
  for (const [name, main] of each) {
    await go(["build", "-mod=readonly", "-o", join(directory, name), ...flags, main]);
  }
  await rm(work, { recursive: true });
}
