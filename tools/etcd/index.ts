import type { Binaries } from "./binaries";
import { cached, cacheEntry, fill } from "./cache";
import { ToolError, Unavailable } from "./errors";
import { buildFromModules } from "./goModules";
import type { EtcdBinaries, EtcdSource, GetEtcdOptions } from "./options";
import { findOnPath } from "./path";
import { downloadRelease } from "./release";
import { assertVersion } from "./version";

export { ToolError } from "./errors";
export type { EtcdBinaries, EtcdSource, GetEtcdOptions } from "./options";

/**
 * Gets etcd, etcdctl and etcdutl of exactly one version.
 * @throws ToolError if no way leads there, and at once if what came is not what its checksum or version
 * says; the signal's reason if it aborts
 */
export async function getEtcd(options: GetEtcdOptions): Promise<EtcdBinaries> {
  const { version, from = "auto", report, signal } = options;
  signal?.throwIfAborted();
  if (!/^\d+\.\d+\.\d+$/.test(version)) {
    throw new ToolError(`etcd version "${version}": must be a release in full, such as 3.6.16, without v`);
  }
  const sources: EtcdSource[] = from === "auto" ? ["path", "release", "go"] : [from];
  // What is on PATH stays there: only the other two ever have an entry.
  for (const source of sources) {
    const found = cached(cacheEntry(options, source));
    if (found !== undefined) return { ...found, version, source, cached: true };
  }
  const failures: string[] = [];
  for (const source of sources) {
    try {
      return { ...(await ways[source](options)), version, source, cached: false };
    } catch (error) {
      if (!(error instanceof Unavailable)) throw error;
      failures.push(`  ${source}: ${error.message.replaceAll("\n", "\n    ")}`);
      if (source !== sources.at(-1)) report?.(`${error.message}; trying the next way`);
    }
  }
  throw new ToolError(
    [
      `no way to etcd ${version} on this machine:`,
      ...failures,
      "Put etcd, etcdctl and etcdutl of this version on PATH, install Go, or set a mirror that is in reach.",
    ].join("\n"),
  );
}

const ways: Readonly<Record<EtcdSource, (options: GetEtcdOptions) => Promise<Binaries>>> = {
  path: findOnPath,
  release: (options) => fillEntry(options, "release", downloadRelease),
  go: (options) => fillEntry(options, "go", buildFromModules),
};

function fillEntry(
  options: GetEtcdOptions,
  source: EtcdSource,
  put: (directory: string, options: GetEtcdOptions) => Promise<void>,
): Promise<Binaries> {
  return fill(cacheEntry(options, source), async (directory) => {
    await put(directory, options);
    await assertVersion(directory, options.version, options.signal);
  });
}
