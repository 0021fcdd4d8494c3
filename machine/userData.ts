import { stringify } from "yaml";
import type { ClusterSpec, MemberSpec } from "../spec";
import { etcdFlags, type FlagSpec } from "./flags";
import { clusterParameters, flagsFile, identityFile } from "./paths";

/** What EC2 takes as user data, in bytes before base64 (https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/user-data.html). */
export const userDataLimit = 16 * 1024;

/** Who a machine is and where it gets etcd. Nothing here moves during the machine's life. */
export interface MachineIdentity {
  cluster: string;
  member: string;
  /** Path in SSM Parameter Store under which everything else is read. */
  parameters: string;
  etcd: { version: string; mirror: string; checksums: { amd64?: string; arm64?: string } };
}

export type UserDataSpec = FlagSpec & Pick<ClusterSpec, "mirror" | "checksums">;

/**
 * A member's cloud-init user data: its own identity and etcd's flags. No secret, no resource's output and
 * no other member's data, so that a change of another member leaves it byte for byte the same.
 * @throws RangeError if it is over {@link userDataLimit}
 */
export function userData(spec: UserDataSpec, member: Pick<MemberSpec, "name" | "address">): string {
  const identity: MachineIdentity = {
    cluster: spec.cluster,
    member: member.name,
    parameters: clusterParameters(spec.cluster),
    etcd: { version: spec.version, mirror: spec.mirror, checksums: spec.checksums },
  };
  const file = (path: string, content: string) => ({ path, permissions: "0644", content });
  const cloudConfig = {
    write_files: [
      file(identityFile, `${JSON.stringify(identity, null, 2)}\n`),
      file(flagsFile, `${etcdFlags(spec, member).join("\n")}\n`),
    ],
  };
  const text = `#cloud-config\n${stringify(cloudConfig, { lineWidth: 0 })}`;
  const bytes = Buffer.byteLength(text);
  if (bytes > userDataLimit) {
    throw new RangeError(`user data of ${member.name} has ${bytes} bytes; EC2 takes ${userDataLimit}`);
  }
  return text;
}
