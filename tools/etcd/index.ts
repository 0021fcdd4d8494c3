import { join } from "node:path";
import { ToolError } from "../errors";
import { getTool } from "../get";
import { buildFromModules, type GoModules } from "../goModules";
import type { GetOptions, Got, Source, Tool } from "../tool";
import { names, type Name } from "./binaries";
import { downloadRelease } from "./release";

export { ToolError } from "../errors";
export type EtcdSource = Source;

/** etcd, etcdctl and etcdutl of one version, as absolute paths. */
export type EtcdBinaries = Got<Name>;

/**
 * The mirror's layout is `<mirror>/v<version>/etcd-v<version>-<os>-<arch>.tar.gz` (`.zip` on macOS), with `SHA256SUMS`
 * beside it. By default it is the etcd project's releases on GitHub.
 */
export type GetEtcdOptions = GetOptions;

/**
 * The module of each binary, whose root is the main package. They build together as published: the `replace` directives
 * in their go.mod only name sibling folders of etcd's repository, Go ignores them in a dependency, and each module
 * requires its siblings at its own version.
 */
const modules: GoModules<Name> = {
  title: "etcd",
  packages: {
    etcd: "go.etcd.io/etcd/server/v3",
    etcdctl: "go.etcd.io/etcd/etcdctl/v3",
    etcdutl: "go.etcd.io/etcd/etcdutl/v3",
  },
  pinned: join(__dirname, "modules"),
  inlined: true,
};

const etcd: Tool<Name> = {
  title: "etcd",
  names,
  versionArguments: (name) => [name === "etcd" ? "--version" : "version"],
  // "etcd Version: 3.6.16", "etcdctl version: 3.6.16" and then the API's version.
  reportedVersion: (name, output) => new RegExp(`^${name} version: (\\S+)$`, "im").exec(output)?.[1],
  download: downloadRelease,
  build: (directory, options) => buildFromModules(modules, directory, options),
};

/**
 * Gets etcd, etcdctl and etcdutl of exactly one version.
 * @throws ToolError if no source has it, and at once if a checksum or version is wrong; the signal's reason if it
 * aborts
 */
export async function getEtcd(options: GetEtcdOptions): Promise<EtcdBinaries> {
  if (!/^\d+\.\d+\.\d+$/.test(options.version)) {
    throw new ToolError(
      `etcd version "${options.version}": must be a release in full, such as 3.6.16, without v`,
    );
  }
  return getTool(etcd, options);
}
