import { join } from "node:path";
import { getTool } from "../get";
import { buildFromModules } from "../goModules";
import type { GetOptions, Got, Tool } from "../tool";
import { downloadRelease } from "./release";

/** A program of Kubernetes that rehearsals and drills run. */
export type KubernetesProgram = "kube-apiserver" | "kube-controller-manager" | "kubelet" | "kubectl";

/** The version of every program. */
export const kubernetesVersion = "1.37.2";

/**
 * The mirror's layout is `<mirror>/v<version>/bin/linux/<arch>/<program>`, with `<program>.sha256` beside it. By
 * default it is the Kubernetes project's releases.
 */
export type GetKubernetesOptions = Omit<GetOptions, "version" | "checksums">;

/**
 * Kubernetes requires the modules of its staging folder at v0.0.0 and replaces them with those folders. The committed
 * go.mod, one for all programs, replaces them with their published versions instead.
 */
const pinned = join(__dirname, "modules");

const [major, minor] = kubernetesVersion.split(".");

/** The linker sets the version, as in Kubernetes' own build; without symbol tables a binary is a third smaller. */
const linkerFlags = [
  "-s -w",
  ...Object.entries({ gitVersion: `v${kubernetesVersion}`, gitMajor: major, gitMinor: minor }).map(
    ([variable, value]) => `-X k8s.io/component-base/version.${variable}=${value}`,
  ),
].join(" ");

/**
 * Gets a program of {@link kubernetesVersion}, as an absolute path: from the cache, PATH, its release or Go modules.
 * Building kube-apiserver takes about six minutes on two cores.
 * @throws ToolError if no source has it, and at once if a checksum or version is wrong; the signal's reason if it
 * aborts
 */
export function getKubernetes<Program extends KubernetesProgram>(
  program: Program,
  options: GetKubernetesOptions = {},
): Promise<Got<Program>> {
  const packages = { [program]: `k8s.io/kubernetes/cmd/${program}` } as Record<Program, string>;
  const tool: Tool<Program> = {
    title: program,
    names: [program],
    versionArguments: () => (program === "kubectl" ? ["version", "--client"] : ["--version"]),
    reportedVersion: (_, output) => /^(?:Kubernetes|Client Version:) v(\S+)$/m.exec(output)?.[1],
    download: (directory, all) => downloadRelease(program, directory, all),
    build: (directory, all) =>
      buildFromModules({ title: program, packages, pinned, linkerFlags }, directory, all),
  };
  return getTool(tool, { ...options, version: kubernetesVersion });
}
