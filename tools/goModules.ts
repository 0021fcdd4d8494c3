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
  /** Directory with a folder for each version that has a committed go.mod and go.sum. */
  pinned: string;
  /** Flags for the linker, for example to set the version that a binary reports. */
  linkerFlags?: string;
  /** Whether calls are inlined, for a program whose speed users see: a fifth more work to build. @default false */
  inlined?: boolean;
}

/**
 * Builds a tool's binaries from Go modules. For versions with a folder under `pinned`, it checks every module against
 * the checksums committed there. Other versions are resolved now and checked against Go's checksum database.
 * @throws Unavailable if Go is not installed, or with the end of its output if it fails
 */
export async function buildFromModules<Name extends string>(
  { title, packages, pinned, linkerFlags, inlined = false }: GoModules<Name>,
  directory: string,
  { version, report, signal }: GetOptions,
): Promise<void> {
  const work = join(directory, "work");
  await mkdir(work);
  const env = {
    ...process.env,
    CGO_ENABLED: "0",
    // Replaces the user's own flags, which may not work for this build (vendoring, the race detector).
    GOFLAGS: "-trimpath",
    GOWORK: "off",
    // A compiler lives for seconds: collecting its garbage costs a fifth of the build. Collect above this size only.
    GOGC: "off",
    GOMEMLIMIT: "2GiB",
    // A killed Go leaves its temporary files: here they are removed with the directory.
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
  // Nobody debugs these binaries; stack traces need no DWARF.
  const flags = [`-gcflags=all=-dwarf=false${inlined ? "" : " -l"}`];
  if (linkerFlags !== undefined) flags.push(`-ldflags=${linkerFlags}`);
  for (const [name, main] of each) {
    await go(["build", "-mod=readonly", "-o", join(directory, name), ...flags, main]);
  }
  await rm(work, { recursive: true });
}
