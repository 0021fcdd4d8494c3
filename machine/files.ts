import { readFileSync } from "node:fs";
import { join } from "node:path";
import { bundle } from "./bundle";
import { etcdFlags, type FlagSpec } from "./flags";
import { clusterParameters, flagsFile, identityFile, installProgram, installUnit } from "../contract/paths";
import type { ClusterSpec, MemberSpec } from "../spec";
import { unproxied } from "../spec/proxy";

/** A file that a machine gets, in the form that cloud-init's `write_files` takes. */
export interface MachineFile {
  path: string;
  permissions: string;
  content: string;
}

/** Who a machine is and where it gets etcd. Nothing here changes during the machine's life. */
export interface MachineIdentity {
  cluster: string;
  member: string;
  environment: ClusterSpec["environment"];
  /** Path in SSM Parameter Store under which everything else is read. */
  parameters: string;
  /** SHA-256 of the bundle of its programs. */
  bundle: string;
  /** Set where the machine installs what its image lacks. */
  install?: true;
  etcd: { version: string; mirror: string; checksums: { amd64?: string; arm64?: string } };
}

export type MachineSpec = FlagSpec & Pick<ClusterSpec, "environment" | "machine" | "mirror" | "checksums">;

/** The files in a member's user data: its identity, etcd's flags, and the stub that gets the programs. */
export function machineFiles(spec: MachineSpec, member: Pick<MemberSpec, "name" | "address">): MachineFile[] {
  const identity: MachineIdentity = {
    cluster: spec.cluster,
    member: member.name,
    environment: spec.environment,
    parameters: clusterParameters(spec.cluster),
    bundle: bundle().sha256,
    ...(spec.machine.install && { install: true as const }),
    etcd: { version: spec.version, mirror: spec.mirror, checksums: spec.checksums },
  };
  return [
    text(identityFile, `${JSON.stringify(identity, null, 2)}\n`),
    text(flagsFile, `${etcdFlags(spec, member).join("\n")}\n`),
    { ...text(installProgram, stub("install")), permissions: "0755" },
    text(installUnit, stub("etcd-install.service")),
    ...proxyFiles(spec),
  ];
}

/**
 * The environment in which the units' programs find their proxy. systemd puts a drop-in of `etcd-` before every unit
 * whose name begins so (systemd.unit(5)), the one of the stub included.
 */
function proxyFiles({ network }: MachineSpec): MachineFile[] {
  const { proxy } = network;
  if (proxy === undefined) return [];
  const variables = { http_proxy: proxy, https_proxy: proxy, no_proxy: unproxied(network).join(",") };
  const lines = Object.entries(variables).map(([name, value]) => `Environment=${name}=${value}\n`);
  return ["etcd", "etcd-"].map((unit) =>
    text(`/etc/systemd/system/${unit}.service.d/proxy.conf`, `[Service]\n${lines.join("")}`),
  );
}

const text = (path: string, content: string): MachineFile => ({ path, permissions: "0644", content });

const stub = (name: string) => readFileSync(join(__dirname, "stub", name), "utf8");
