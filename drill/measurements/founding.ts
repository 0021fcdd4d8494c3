import { stringify } from "yaml";
import type { MachineIdentity } from "../../machine/files";
import { pkiDirectory, pkiFiles } from "../../contract/paths";
import { declaredMembers, type DeclaredMember } from "../../rehearse/declared";
import type { Estate } from "../world/estate";
import type { Scenario } from "../harness/scenario";

/** Five machines with minimal user data. */
export const bareFounding: Scenario = {
  name: "bare-founding",
  title: "five machines boot from a bare, hand-written user data and found one cluster",
  async run(drill) {
    const members = declaredMembers(drill.stack.recording);
    const estate: Estate = {
      ...drill.world.estate,
      machines: drill.world.estate.machines.map((machine) => ({
        ...machine,
        userData: bareUserData(
          members.find(({ identity }) => identity.member === machine.member)!,
          machine.volume.id,
          members,
        ),
      })),
    };
    await drill.world.declare(estate);
    await drill.foundCluster();
  },
};

/**
 * The least that starts a member: file system, certificates in plain text, binaries, one unit with the declared flags.
 * It has no records and no admission, and it cannot join or come back.
 */
function bareUserData(
  { identity, flags, pki }: DeclaredMember,
  volume: string,
  members: readonly DeclaredMember[],
): string {
  const { version, mirror }: MachineIdentity["etcd"] = identity.etcd;
  const peerUrl = (member: DeclaredMember) =>
    member.flags.find((flag) => flag.startsWith("--initial-advertise-peer-urls="))!.split("=")[1]!;
  const founding = [
    "--data-dir=/var/lib/etcd/data",
    `--initial-cluster=${members.map((each) => `${each.identity.member}=${peerUrl(each)}`).join(",")}`,
    "--initial-cluster-state=new",
  ];
  const name = `etcd-v${version}-linux-${process.arch === "arm64" ? "arm64" : "amd64"}`;
  const device = `/dev/disk/by-id/nvme-Amazon_Elastic_Block_Store_${volume.replace("-", "")}`;
  const script = `set -eu
mkfs.xfs -q ${device}
mkdir -p /var/lib/etcd /opt/etcd
mount -o noatime ${device} /var/lib/etcd
curl -sSf ${mirror}/v${version}/${name}.tar.gz | tar -xz -C /opt/etcd --strip-components=1 --no-same-owner
systemctl start --no-block etcd
`;
  const unit = `[Service]
Type=notify
ExecStart=/opt/etcd/etcd ${[...flags, ...founding].join(" ")}
Restart=always
`;
  const config = {
    write_files: [
      ...Object.values(pkiFiles).map((file) => ({ path: `${pkiDirectory}/${file}`, content: pki[file] })),
      { path: "/etc/systemd/system/etcd.service", content: unit },
      { path: "/root/start", content: script },
    ],
    runcmd: [["bash", "/root/start"]],
  };
  return `#cloud-config\n${stringify(config, { lineWidth: 0 })}`;
}
