import type { Properties } from "../../../record/values";
import type { Declared } from "../declared";
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
  {
    title: "a member on a Spot Instance",
    apply: (declared) =>
      declared.edit(
        instance,
        /member1$/,
        (inputs) => (inputs.instanceMarketOptions = { marketType: "spot" }),
      ),
    foundBy: ["etcd-no-spot"],
  },
  {
    title: "a machine that AWS calls a Spot Instance",
    apply: (declared) => declared.edit(instance, /member1$/, (inputs) => (inputs.instanceLifecycle = "spot")),
    foundBy: ["etcd-no-spot"],
  },
  {
    title: "a member by a Spot Instance request",
    apply: (declared) =>
      declared.edit(instance, /member1$/, (_, resource) => {
        resource.type = "aws:ec2/spotInstanceRequest:SpotInstanceRequest";
      }),
    foundBy: ["etcd-no-spot"],
  },
  {
    title: "a machine that starts etcd without a tag",
    apply: (declared) => declared.add(instance, "untagged", { userData: startsEtcd }),
    foundBy: ["etcd-machines-tagged"],
  },
  {
    title: "a member of a type that no rule judges",
    apply: (declared) =>
      declared.add("aws-native:ec2:Instance", "native", { tags: [{ key: "etcd:cluster", value: "prod" }] }),
    foundBy: ["etcd-machines-tagged"],
  },
  {
    title: "metadata without a token, by the launch template",
    apply: (declared) => fromTemplate(declared, { metadataOptions: { httpTokens: "optional" } }),
    foundBy: ["etcd-imdsv2"],
  },
  {
    title: "a burstable type and a Spot Instance, by the launch template",
    apply: (declared) =>
      fromTemplate(declared, { instanceType: "t3.large", instanceMarketOptions: { marketType: "spot" } }),
    foundBy: ["etcd-dedicated-machines", "etcd-no-spot"],
  },
  {
    title: "a secret in the user data of the launch template",
    apply: (declared) => {
      const secret = "export AWS_ACCESS_KEY_ID=AKIAIOSFODNN7EXAMPLE\n";
      fromTemplate(declared, { userData: Buffer.from(secret).toString("base64") });
    },
    foundBy: ["etcd-no-secrets-in-user-data"],
  },
];

const startsEtcd = "#!/bin/bash\nexec etcd --listen-client-urls=https://10.0.0.9:2379\n";

/** Lets one member's machine take these from a launch template, and not say them itself. */
function fromTemplate(declared: Declared, given: Properties): void {
  const template = declared.add("aws:ec2/launchTemplate:LaunchTemplate", "members", given);
  declared.edit(instance, /member2$/, (inputs, resource) => {
    for (const name of Object.keys(given)) delete inputs[name];
    inputs.launchTemplate = { id: declared.ref(template) };
    resource.propertyDependencies.launchTemplate = [template.urn];
  });
}
