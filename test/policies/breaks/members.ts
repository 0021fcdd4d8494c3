import type { Break } from "./break";

/** Breaks of the member list: how many there are and where they stand. */
export const members: Break[] = [
  {
    title: "four members",
    apply: (world) => world.removeMember("member5"),
    foundBy: ["etcd-odd-member-count"],
  },
  {
    title: "two members",
    apply: (world) => ["member3", "member4", "member5"].forEach((member) => world.removeMember(member)),
    foundBy: ["etcd-odd-member-count"],
  },
  {
    title: "3-1-1 over the zones",
    apply: (world) => moveTo(world, /member5$/, "eu-central-1a"),
    foundBy: ["etcd-zone-majority"],
  },
  {
    title: "all in one zone",
    apply: (world) => moveTo(world, /member\d$/, "eu-central-1a"),
    foundBy: ["etcd-zone-majority"],
  },
];

function moveTo(world: Parameters<Break["apply"]>[0], name: RegExp, zone: string): void {
  world.edit("aws:ebs/volume:Volume", name, (volume) => (volume.availabilityZone = zone));
  world.editComponent("EtcdMember", name, (member) => (member.zone = zone));
}
