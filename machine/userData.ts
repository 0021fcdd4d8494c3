import { gzip } from "pako";
import { stringify } from "yaml";
import { machineFiles, type MachineSpec } from "./files";
import { programsDirectory } from "./paths";
import type { MemberSpec } from "../spec";

/** What EC2 takes as user data, in bytes before base64 (https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/user-data.html). */
export const userDataLimit = 16 * 1024;

/**
 * A member's cloud-init user data: its own identity, etcd's flags and the programs that join and start it. No
 * secret, no resource's output and no other member's data, so that a change of another member leaves it byte
 * for byte the same.
 */
export function cloudConfig(spec: MachineSpec, member: Pick<MemberSpec, "name" | "address">): string {
  const config = {
    write_files: machineFiles(spec, member),
    // At the first boot; afterwards the units are enabled.
    runcmd: [
      ["systemd-sysusers", "/etc/sysusers.d/etcd.conf"],
      // What operators call by hand.
      ["ln", "-s", `${programsDirectory}/space`, "/usr/local/sbin/etcd-space"],
      ["ln", "-s", `${programsDirectory}/old-data`, "/usr/local/sbin/etcd-old-data"],
      // It has systemd read the new units, too.
      ["systemctl", "enable", "--now", "--no-block", "etcd.service", "etcd-refresh.timer"],
    ],
  };
  return `#cloud-config\n${stringify(config, { lineWidth: 0, indent: 1, indentSeq: false })}`;
}

/**
 * The same as EC2 takes it: gzip in base64. Compressed by zlib in JavaScript, pinned: the output of Node's own
 * differs between its versions, and a different byte would replace the machine.
 * @throws RangeError if it is over {@link userDataLimit}
 */
export function userData(spec: MachineSpec, member: Pick<MemberSpec, "name" | "address">): string {
  const compressed = gzip(cloudConfig(spec, member), { level: 9, memLevel: 9 });
  if (compressed.length > userDataLimit) {
    throw new RangeError(
      `user data of ${member.name} has ${compressed.length} bytes compressed; EC2 takes ${userDataLimit}`,
    );
  }
  return Buffer.from(compressed).toString("base64");
}
