import { stringify } from "yaml";
import { machineFiles, type MachineSpec } from "./files";
import type { MemberSpec } from "../spec";

/** The most bytes of user data that EC2 takes, before base64 (https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/user-data.html). */
export const userDataLimit = 16 * 1024;

/**
 * A member's cloud-init user data, as plain text: its own identity, etcd's flags and the stub that gets the programs.
 * It holds no secret, no resource's output and no other member's data, so a change of another member leaves it
 * identical, byte for byte.
 * @throws RangeError if it is over {@link userDataLimit}
 */
export function userData(spec: MachineSpec, member: Pick<MemberSpec, "name" | "address">): string {
  const config = {
    write_files: machineFiles(spec, member),
    // Runs at the first boot; this also makes systemd read the new unit.
    runcmd: ["systemctl enable --now --no-block etcd-install.service"],
  };
  const text = `#cloud-config\n${stringify(config, { lineWidth: 0, indent: 2, indentSeq: false })}`;
  const bytes = Buffer.byteLength(text);
  if (bytes > userDataLimit)
    throw new RangeError(`user data of ${member.name} has ${bytes} bytes; EC2 takes ${userDataLimit}`);
  return text;
}
