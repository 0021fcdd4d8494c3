import type { Binaries } from "./binaries";

/** Where binaries come from: PATH, the official release, or Go modules built here. */
export type EtcdSource = "path" | "release" | "go";

/** etcd, etcdctl and etcdutl of one version, as absolute paths. */
export interface EtcdBinaries extends Binaries {
  version: string;
  source: EtcdSource;
  /** Whether an earlier call had got them. */
  cached: boolean;
}

export interface GetEtcdOptions {
  /** In full, as "3.6.16". */
  version: string;
  /** `auto` tries the cache, PATH, the release and Go modules in turn. @default "auto" */
  from?: "auto" | EtcdSource;
  /**
   * Where releases lie: `<mirror>/v<version>/etcd-v<version>-<os>-<arch>.tar.gz` (`.zip` on macOS) with
   * `SHA256SUMS` beside it. @default the etcd project's releases on GitHub
   */
  mirror?: string;
  /** SHA-256 of the Linux archives, in hex. @default what the release's SHA256SUMS says */
  checksums?: Partial<Record<"amd64" | "arm64", string>>;
  /** @default etcd-kubernetes in $XDG_CACHE_HOME or ~/.cache */
  cacheDir?: string;
  /** Told what is under way, a line at a time. */
  report?: (message: string) => void;
  /** Ends the work with its child processes; nothing half-made stays in the cache. */
  signal?: AbortSignal;
}
