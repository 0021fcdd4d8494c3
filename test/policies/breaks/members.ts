import type { World } from "../world";
import type { Break } from "./break";
import { instance, networkInterface, volume } from "./types";

/** Breaks of the member list: how many there are, what they are called and where they stand. */
export const members: Break[] = [
  {
    title: "four members",
    apply: (world) => world.removeMember("member5"),
    foundBy: ["etcd-odd-member-count"],
    warnedBy: ["etcd-production-member-count"],
  },
  {
    title: "two members",
    apply: (world) => remove(world, 3, 4, 5),
    foundBy: ["etcd-odd-member-count", "etcd-production-member-count"],
  },
  {
    title: "three members",
    apply: (world) => remove(world, 4, 5),
    foundBy: [],
    warnedBy: ["etcd-production-member-count"],
  },
  {
    title: "a single member in production",
    apply: (world) => remove(world, 2, 3, 4, 5),
    foundBy: ["etcd-production-member-count", "etcd-single-node-testing-only", "etcd-zone-majority"],
  },
  {
    title: "a single member without an environment",
    apply: (world) => {
      remove(world, 2, 3, 4, 5);
      world.edit(
        instance,
        /./,
        (inputs) => delete (inputs.tags as Record<string, string>)["etcd:environment"],
      );
      world.editComponent("EtcdCluster", /./, (inputs) => delete inputs.environment);
    },
    foundBy: ["etcd-production-member-count", "etcd-single-node-testing-only", "etcd-zone-majority"],
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
  {
    title: "two members of one name",
    apply: (world) => tag(world, /member2$/, "etcd:member", "member1"),
    // Its role reads the secrets of the name that it had.
    foundBy: ["etcd-unique-member-names", "etcd-least-privilege"],
    foundInPreviewBy: ["etcd-unique-member-names"],
  },
  {
    title: "a name that is no DNS label",
    apply: (world) => tag(world, /member2$/, "etcd:member", "Member_2"),
    // Its role reads the secrets of the name that it had.
    foundBy: ["etcd-unique-member-names", "etcd-least-privilege"],
    foundInPreviewBy: ["etcd-unique-member-names"],
  },
  {
    title: "two members of one address",
    apply: (world) =>
      world.edit(networkInterface, /member2$/, (inputs) => {
        inputs.privateIps = ["10.0.1.11"];
      }),
    foundBy: ["etcd-unique-member-names"],
  },
];

function remove(world: World, ...numbers: number[]): void {
  for (const number of numbers) world.removeMember(`member${number}`);
}

function moveTo(world: World, name: RegExp, zone: string): void {
  world.edit(volume, name, (inputs) => (inputs.availabilityZone = zone));
  world.editComponent("EtcdMember", name, (member) => (member.zone = zone));
}

function tag(world: World, name: RegExp, key: string, value: string): void {
  world.edit(instance, name, (inputs) => ((inputs.tags as Record<string, string>)[key] = value));
}
