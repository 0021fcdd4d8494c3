import type { Break } from "./break";
import { attachment, instance } from "./types";

/** Breaks of the machines themselves. */
export const machines: Break[] = [
  {
    title: "metadata without a token",
    apply: (declared) =>
      declared.edit(instance, /member2$/, (inputs) => (inputs.metadataOptions = { httpTokens: "optional" })),
    foundBy: ["etcd-imdsv2"],
  },
  {
    title: "metadata options left out",
    apply: (declared) => declared.edit(instance, /member\d$/, (inputs) => delete inputs.metadataOptions),
    foundBy: ["etcd-imdsv2"],
  },
  {
    title: "a burstable type",
    apply: (declared) => declared.edit(instance, /member1$/, (inputs) => (inputs.instanceType = "t3.large")),
    foundBy: ["etcd-dedicated-machines"],
  },
  {
    title: "an API server on a member's machine",
    apply: (declared) => declared.editUserData(/member1$/, (text) => `${text}  - systemctl start kubelet\n`),
    foundBy: ["etcd-dedicated-machines"],
  },
  {
    title: "machines that do not wait for each other",
    apply: (declared) =>
      declared.edit(instance, /member3$/, (_, resource) => {
        resource.dependencies = resource.dependencies.filter((urn) => !urn.endsWith("member2"));
      }),
    foundBy: ["etcd-one-at-a-time"],
  },
  {
    title: "a machine that is made before its predecessor is deleted",
    apply: (declared) =>
      declared.edit(instance, /member3$/, (_, resource) => delete resource.options.deleteBeforeReplace),
    foundBy: ["etcd-one-at-a-time"],
  },
  {
    title: "an attachment that is made before its predecessor is deleted",
    apply: (declared) =>
      declared.edit(attachment, /member3$/, (_, resource) => (resource.options.deleteBeforeReplace = false)),
    foundBy: ["etcd-one-at-a-time"],
  },
];
