import { existsSync } from "node:fs";
import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { names } from "./binaries";
import { runGroup } from "./runGroup";
import type { GetEtcdOptions } from "./options";

/**
 * The module of each binary, whose root is the main package. They build together as published: the
 * `replace` directives in their go.mod only name sibling folders of etcd's repository, Go ignores them in
 * a dependency, and each requires its siblings at its own version.
 */
const modules: Readonly<Record<(typeof names)[number], string>> = {
  etcd: "go.etcd.io/etcd/server/v3",
  etcdctl: "go.etcd.io/etcd/etcdctl/v3",
  etcdutl: "go.etcd.io/etcd/etcdutl/v3",
};

/**
 * Builds the three from etcd's Go modules. For versions with a folder under modules/, every module is held
 * to the checksums committed there; others are resolved now and held to Go's checksum database.
 * @throws Unavailable if Go is not installed, or with the end of its output if it fails
 */
export async function buildFromModules(directory: string, options: GetEtcdOptions): Promise<void> {
  const { version, report, signal } = options;
  const work = join(directory, "work");
  await mkdir(work);
  const env = {
    ...process.env,
    CGO_ENABLED: "0",
    // In the place of the user's own, which may ask for what cannot be built so (vendoring, the race detector).
    GOFLAGS: "-trimpath",
    GOWORK: "off",
    // Go that is killed leaves its temporary files: here they are removed with the directory.
    GOTMPDIR: work,
  };
  const pinned = join(__dirname, "modules", version);
  const isPinned = existsSync(pinned);
  const cwd = isPinned ? pinned : work;
  const go = (args: string[]) => runGroup("go", args, { cwd, env, signal });

  report?.(
    `building etcd ${version} from Go modules, ` +
      (isPinned ? "held to the checksums committed here" : "held to Go's checksum database"),
  );
  if (!isPinned) {
    await go(["mod", "init", "etcd"]);
    await go(["get", "-tool", ...names.map((name) => `${modules[name]}@v${version}`)]);
  }
  for (const name of names) {
    await go(["build", "-mod=readonly", "-o", join(directory, name), modules[name]]);
  }
  await rm(work, { recursive: true });
}
