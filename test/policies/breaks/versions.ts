import type { Declared } from "../declared";
import type { Break } from "./break";
import { instance } from "./types";

/** Breaks of etcd's version, and of the step from one to another. */
export const versions: Break[] = [
  ...["3.3.27", "3.4.21", "3.5.2", "3.5.5"].map((version) => ({
    title: `etcd ${version}`,
    apply: (declared: Declared) => runs(declared, version),
    foundBy: ["etcd-minimum-version"],
  })),
  ...["3.4.22", "3.5.6", "3.5.20", "3.5.32", "3.6.13", "3.7.0"].map((version) => ({
    title: `etcd ${version}`,
    apply: (declared: Declared) => runs(declared, version),
    foundBy: [],
    warnedBy: ["etcd-minimum-version"],
  })),
  {
    title: "members of 3.5 and of 3.7 side by side",
    apply: (declared) => {
      runs(declared, "3.7.3");
      runs(declared, "3.5.35", /member1$/);
    },
    foundBy: ["etcd-upgrade-one-minor"],
  },
  ...[
    ["3.4.45", "3.6.16"],
    ["3.5.31", "3.6.16"],
    ["3.7.3", "3.6.16"],
    ["3.6.10", "3.7.3"],
  ].map(([previousVersion, version]) => ({
    title: `etcd from ${previousVersion} to ${version}`,
    apply: (declared: Declared) => runs(declared, version!),
    foundBy: ["etcd-upgrade-one-minor"],
    config: { "etcd-upgrade-one-minor": { level: "mandatory" as const, settings: { previousVersion } } },
  })),
];

function runs(declared: Declared, version: string, name = /member\d$/): void {
  declared.edit(
    instance,
    name,
    (inputs) => ((inputs.tags as Record<string, string>)["etcd:version"] = version),
  );
  declared.editComponent("EtcdMember", name, (inputs) => (inputs.version = version));
}
