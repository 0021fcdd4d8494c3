import type { Declared } from "../declared";
import type { Break } from "./break";
import { instance } from "./types";

const group = "aws:autoscaling/group:Group";
const template = "aws:ec2/launchTemplate:LaunchTemplate";
const startsEtcd = "#!/bin/bash\nexec /usr/local/bin/etcd --listen-client-urls=http://0.0.0.0:2379\n";

/** Breaks of what a machine may do, of its image, and of machines that come and go by themselves. */
export const roles: Break[] = [
  {
    title: "ssm:GetParameters on everything",
    apply: (declared) => allow(declared, ["ssm:GetParameters"], ["*"]),
    foundBy: ["etcd-least-privilege"],
  },
  {
    title: "every action of a service",
    apply: (declared) => allow(declared, ["s3:*"], ["arn:aws:s3:::some-bucket"]),
    foundBy: ["etcd-least-privilege"],
  },
  {
    title: "another member's secrets",
    apply: (declared) =>
      allow(
        declared,
        ["ssm:GetParameter"],
        ["arn:aws:ssm:eu-central-1:123456789012:parameter/etcd/prod/pki/members/member2/*"],
      ),
    foundBy: ["etcd-least-privilege"],
  },
  {
    title: "an administrator's policy",
    apply: (declared) => {
      const role = declared.the("aws:iam/role:Role", /member1$/);
      declared.add(
        "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
        "administrator",
        { role: declared.ref(role, "name"), policyArn: "arn:aws:iam::aws:policy/AdministratorAccess" },
        { role },
      );
    },
    foundBy: ["etcd-least-privilege"],
  },
  {
    title: "an Auto Scaling group with etcd in its user data",
    apply: (declared) => {
      const launch = declared.add(template, "etcd", { userData: Buffer.from(startsEtcd).toString("base64") });
      declared.add(
        group,
        "etcd",
        { launchTemplate: { id: declared.ref(launch) }, maxSize: 5 },
        { launchTemplate: launch },
      );
    },
    foundBy: ["etcd-no-autoscaling"],
  },
  {
    title: "an Auto Scaling group that tags its machines as members",
    apply: (declared) =>
      declared.add(group, "etcd", {
        tags: [{ key: "etcd:cluster", value: "prod", propagateAtLaunch: true }],
      }),
    foundBy: ["etcd-no-autoscaling"],
  },
  {
    title: "a fleet that tags its machines as members",
    apply: (declared) => declared.add("aws:ec2/fleet:Fleet", "etcd", { tags: { "etcd:cluster": "prod" } }),
    foundBy: ["etcd-no-autoscaling"],
  },
  {
    title: "an image by an alias",
    apply: (declared) =>
      declared.edit(instance, /member1$/, (inputs) => (inputs.ami = "resolve:ssm:/aws/service/latest")),
    foundBy: ["etcd-pinned-machine-image"],
  },
  {
    title: "an image of another resource",
    apply: (declared) =>
      declared.edit(instance, /member1$/, (inputs, resource) => {
        const image = declared.add("aws:ec2/amiCopy:AmiCopy", "image", {});
        inputs.ami = declared.ref(image);
        resource.propertyDependencies.ami = [image.urn];
      }),
    foundBy: ["etcd-pinned-machine-image"],
  },
];

function allow(declared: Declared, Action: string[], Resource: string[]): void {
  declared.edit("aws:iam/rolePolicy:RolePolicy", /member1$/, (inputs) => {
    inputs.policy = JSON.stringify({
      Version: "2012-10-17",
      Statement: [{ Effect: "Allow", Action, Resource }],
    });
  });
}
