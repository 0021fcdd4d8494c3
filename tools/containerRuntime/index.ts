import { join } from "node:path";
import { Unavailable } from "../errors";
import { getTool } from "../get";
import { buildFromModules } from "../goModules";
import type { GetOptions, Tool } from "../tool";

const containerdVersion = "2.4.2";

/** Follows Kubernetes' minor. */
const crictlVersion = "1.37.0";

const containerdNames = ["containerd", "containerd-shim-runc-v2", "ctr"] as const;
type ContainerdName = (typeof containerdNames)[number];

export type GetContainerRuntimeOptions = Pick<GetOptions, "cacheDir" | "report" | "signal">;

// Users with internet access install both as their documentation says, and have them on PATH.
const download = () => Promise.reject(new Unavailable("its release is not downloaded here"));

const containerd: Tool<ContainerdName> = {
  title: "containerd",
  names: containerdNames,
  versionArguments: (name) => [name === "containerd-shim-runc-v2" ? "-v" : "--version"],
  // "containerd github.com/containerd/containerd/v2 2.4.2+unknown", "Version:  v2.4.2"
  reportedVersion: (_, output) => /\sv?(\d+\.\d+\.\d+)/.exec(output)?.[1],
  download,
  build: (directory, options) => {
    const packages = Object.fromEntries(
      containerdNames.map((name) => [name, `github.com/containerd/containerd/v2/cmd/${name}`]),
    ) as Record<ContainerdName, string>;
    const pinned = join(__dirname, "modules", "containerd");
    return buildFromModules(
      { title: "containerd", packages, pinned, linkerFlags: "-s -w" },
      directory,
      options,
    );
  },
};

const crictl: Tool<"crictl"> = {
  title: "crictl",
  names: ["crictl"],
  versionArguments: () => ["--version"],
  reportedVersion: (_, output) => /^crictl version v(\S+)$/m.exec(output)?.[1],
  download,
  build: (directory, options) => {
    const packages = { crictl: "sigs.k8s.io/cri-tools/cmd/crictl" };
    const pinned = join(__dirname, "modules", "crictl");
    const linkerFlags = `-s -w -X sigs.k8s.io/cri-tools/pkg/version.Version=v${crictlVersion}`;
    return buildFromModules({ title: "crictl", packages, pinned, linkerFlags }, directory, options);
  },
};

/**
 * Gets what runs containers for a kubelet, and crictl, which queries it: from the cache, PATH or Go modules, which
 * takes a minute. runc is not included: it needs a C compiler.
 * @returns absolute paths
 * @throws ToolError if no source has it; the signal's reason if it aborts
 */
export async function getContainerRuntime(options: GetContainerRuntimeOptions = {}): Promise<string[]> {
  const runtime = await getTool(containerd, { ...options, version: containerdVersion });
  const asking = await getTool(crictl, { ...options, version: crictlVersion });
  return [...containerdNames.map((name) => runtime[name]), asking.crictl];
}
