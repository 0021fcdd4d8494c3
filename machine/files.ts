import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { etcdFlags, type FlagSpec } from "./flags";
import { clusterParameters, flagsFile, identityFile, programsDirectory } from "./paths";
import type { ClusterSpec, MemberSpec } from "../spec";

/** A file that a machine gets, as cloud-init's `write_files` takes it. */
export interface MachineFile {
  path: string;
  permissions: string;
  content: string;
}

/** Who a machine is and where it gets etcd. Nothing here moves during the machine's life. */
export interface MachineIdentity {
  cluster: string;
  member: string;
  /** Path in SSM Parameter Store under which everything else is read. */
  parameters: string;
  etcd: { version: string; mirror: string; checksums: { amd64?: string; arm64?: string } };
}

export type MachineSpec = FlagSpec & Pick<ClusterSpec, "mirror" | "checksums">;

/** Every file of a member's machine: who it is, etcd's flags, the programs and the units that run them. */
export function machineFiles(spec: MachineSpec, member: Pick<MemberSpec, "name" | "address">): MachineFile[] {
  const identity: MachineIdentity = {
    cluster: spec.cluster,
    member: member.name,
    parameters: clusterParameters(spec.cluster),
    etcd: { version: spec.version, mirror: spec.mirror, checksums: spec.checksums },
  };
  return [
    text(identityFile, `${JSON.stringify(identity, null, 2)}\n`),
    text(flagsFile, `${etcdFlags(spec, member).join("\n")}\n`),
    ...contents("scripts").map(({ name, content }) =>
      name === "etcdctl"
        ? program("/usr/local/bin/etcdctl", content)
        : program(`${programsDirectory}/${name}`, content),
    ),
    ...contents("units").map(({ name, content }) =>
      text(name === "sysusers.conf" ? "/etc/sysusers.d/etcd.conf" : `/etc/systemd/system/${name}`, content),
    ),
  ];
}

const text = (path: string, content: string): MachineFile => ({ path, permissions: "0644", content });
const program = (path: string, content: string): MachineFile => ({ path, permissions: "0755", content });

/** Without lines of comment, for which EC2's limit has no room; a shebang stays. */
export function withoutComments(content: string): string {
  return content.replace(/^[ \t]*#(?!!).*\n/gm, "");
}

/** The files of a folder beside this one, in the order of their names. */
function contents(folder: string): { name: string; content: string }[] {
  const directory = join(__dirname, folder);
  return readdirSync(directory)
    .sort()
    .map((name) => ({ name, content: withoutComments(readFileSync(join(directory, name), "utf8")) }));
}
