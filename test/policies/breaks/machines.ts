import type { Break } from "./break";

const instance = "aws:ec2/instance:Instance";

/** Breaks of the machines themselves. */
export const machines: Break[] = [
  {
    title: "metadata without a token",
    apply: (world) =>
      world.edit(instance, /member2$/, (inputs) => (inputs.metadataOptions = { httpTokens: "optional" })),
    foundBy: ["etcd-imdsv2"],
  },
  {
    title: "metadata options left out",
    apply: (world) => world.edit(instance, /member\d$/, (inputs) => delete inputs.metadataOptions),
    foundBy: ["etcd-imdsv2"],
  },
];
