import type { Declared } from "../declared";
import type { Break } from "./break";
import { instance, networkInterface, volume } from "./types";

/** Breaks of the member list: how many there are, what they are called and where they stand. */
export const members: Break[] = [
  {
    title: "four members",
    apply: (declared) => declared.removeMember("member5"),
    foundBy: ["etcd-odd-member-count"],
    warnedBy: ["etcd-production-member-count"],
  },
  {
    title: "two members",
    apply: (declared) => remove(declared, 3, 4, 5),
    foundBy: ["etcd-odd-member-count", "etcd-production-member-count"],
  },
  {
    title: "three members",
    apply: (declared) => remove(declared, 4, 5),
    foundBy: [],
    warnedBy: ["etcd-production-member-count"],
  },
  {
    title: "a single member in production",
    apply: (declared) => remove(declared, 2, 3, 4, 5),
    foundBy: ["etcd-production-member-count", "etcd-single-node-testing-only", "etcd-zone-majority"],
  },
  {
    title: "a single member without an environment",
    apply: (declared) => {
      remove(declared, 2, 3, 4, 5);
      declared.edit(
        instance,
        /./,
        (inputs) => delete (inputs.tags as Record<string, string>)["etcd:environment"],
      );
      declared.editComponent("EtcdCluster", /./, (inputs) => delete inputs.environment);
    },
    foundBy: ["etcd-production-member-count", "etcd-single-node-testing-only", "etcd-zone-majority"],
  },
  {
    title: "3-1-1 over the zones",
    apply: (declared) => moveTo(declared, /member5$/, "eu-central-1a"),
    foundBy: ["etcd-zone-majority"],
  },
  {
    title: "all in one zone",
    apply: (declared) => moveTo(declared, /member\d$/, "eu-central-1a"),
    foundBy: ["etcd-zone-majority"],
  },
  {
    title: "two members of one name",
    apply: (declared) => tag(declared, /member2$/, "etcd:member", "member1"),
    // Its role reads the secrets of the name that it had.
    foundBy: ["etcd-unique-member-names", "etcd-least-privilege"],
    foundInPreviewBy: ["etcd-unique-member-names"],
  },
  {
    title: "a name that is no DNS label",
    apply: (declared) => tag(declared, /member2$/, "etcd:member", "Member_2"),
    // Its role reads the secrets of the name that it had.
    foundBy: ["etcd-unique-member-names", "etcd-least-privilege"],
    foundInPreviewBy: ["etcd-unique-member-names"],
  },
  {
    title: "two members of one address",
    apply: (declared) =>
      declared.edit(networkInterface, /member2$/, (inputs) => {
        inputs.privateIps = ["10.0.1.11"];
      }),
    foundBy: ["etcd-unique-member-names"],
  },
];

function remove(declared: Declared, ...numbers: number[]): void {
  for (const number of numbers) declared.removeMember(`member${number}`);
}

function moveTo(declared: Declared, name: RegExp, zone: string): void {
  declared.edit(volume, name, (inputs) => (inputs.availabilityZone = zone));
  declared.editComponent("EtcdMember", name, (member) => (member.zone = zone));
}

function tag(declared: Declared, name: RegExp, key: string, value: string): void {
  declared.edit(instance, name, (inputs) => ((inputs.tags as Record<string, string>)[key] = value));
}
