import { join } from "node:path";
import { getTool } from "../get";
import { buildFromModules, type GoModules } from "../goModules";
import type { GetOptions, Got, Tool } from "../tool";
import { downloadRelease } from "./release";

type Name = "kube-apiserver";

/** The version that rehearsals and drills run on etcd. */
export const kubeApiserverVersion = "1.37.2";

/** kube-apiserver, as an absolute path. */
export type KubeApiserver = Got<Name>;

/**
 * The mirror is laid out `<mirror>/v<version>/bin/linux/<arch>/kube-apiserver`, with `kube-apiserver.sha256`
 * beside it; by default it is the Kubernetes project's releases.
 */
export type GetKubeApiserverOptions = Omit<GetOptions, "version" | "checksums">;

const [major, minor] = kubeApiserverVersion.split(".");

/**
 * Kubernetes requires the modules of its staging folder at v0.0.0 and replaces them by those folders; the
 * committed go.mod replaces them by their published versions instead. The version is told by the linker,
 * as Kubernetes' own build does; without symbol tables the binary is a third smaller.
 */
const modules: GoModules<Name> = {
  title: "kube-apiserver",
  packages: { "kube-apiserver": "k8s.io/kubernetes/cmd/kube-apiserver" },
  pinned: join(__dirname, "modules"),
  linkerFlags: [
    "-s -w",
    ...Object.entries({ gitVersion: `v${kubeApiserverVersion}`, gitMajor: major, gitMinor: minor }).map(
      ([variable, value]) => `-X k8s.io/component-base/version.${variable}=${value}`,
    ),
  ].join(" "),
};

const kubeApiserver: Tool<Name> = {
  title: "kube-apiserver",
  names: ["kube-apiserver"],
  versionArguments: () => ["--version"],
  reportedVersion: (_, output) => /^Kubernetes v(\S+)$/m.exec(output)?.[1],
  download: downloadRelease,
  build: (directory, options) => buildFromModules(modules, directory, options),
};

/**
 * Gets kube-apiserver of {@link kubeApiserverVersion}: from the cache, PATH, its release or Go modules.
 * Building it takes about six minutes on two cores.
 * @throws ToolError if no way leads there, and at once if what came is not what its checksum or version
 * says; the signal's reason if it aborts
 */
export function getKubeApiserver(options: GetKubeApiserverOptions = {}): Promise<KubeApiserver> {
  return getTool(kubeApiserver, { ...options, version: kubeApiserverVersion });
}
