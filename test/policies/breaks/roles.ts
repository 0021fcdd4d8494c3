import type { World } from "../world";
import type { Break } from "./break";
import { instance } from "./types";

const group = "aws:autoscaling/group:Group";
const template = "aws:ec2/launchTemplate:LaunchTemplate";
const startsEtcd = "#!/bin/bash\nexec /usr/local/bin/etcd --listen-client-urls=http://0.0.0.0:2379\n";

/** Breaks of what a machine may do, of its image, and of machines that come and go by themselves. */
export const roles: Break[] = [
  {
    title: "ssm:GetParameters on everything",
    apply: (world) => allow(world, ["ssm:GetParameters"], ["*"]),
    foundBy: ["etcd-least-privilege"],
  },
  {
    title: "every action of a service",
    apply: (world) => allow(world, ["s3:*"], ["arn:aws:s3:::some-bucket"]),
    foundBy: ["etcd-least-privilege"],
  },
  {
    title: "another member's secrets",
    apply: (world) =>
      allow(
        world,
        ["ssm:GetParameter"],
        ["arn:aws:ssm:eu-central-1:123456789012:parameter/etcd/prod/pki/members/member2/*"],
      ),
    foundBy: ["etcd-least-privilege"],
  },
  {
    title: "an administrator's policy",
    apply: (world) => {
      const role = world.the("aws:iam/role:Role", /member1$/);
      world.add(
        "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
        "administrator",
        { role: world.ref(role, "name"), policyArn: "arn:aws:iam::aws:policy/AdministratorAccess" },
        { role },
      );
    },
    foundBy: ["etcd-least-privilege"],
  },
  {
    title: "an Auto Scaling group with etcd in its user data",
    apply: (world) => {
      const launch = world.add(template, "etcd", { userData: Buffer.from(startsEtcd).toString("base64") });
      world.add(
        group,
        "etcd",
        { launchTemplate: { id: world.ref(launch) }, maxSize: 5 },
        { launchTemplate: launch },
      );
    },
    foundBy: ["etcd-no-autoscaling"],
  },
  {
    title: "an Auto Scaling group that tags its machines as members",
    apply: (world) =>
      world.add(group, "etcd", { tags: [{ key: "etcd:cluster", value: "prod", propagateAtLaunch: true }] }),
    foundBy: ["etcd-no-autoscaling"],
  },
  {
    title: "an image by an alias",
    apply: (world) =>
      world.edit(instance, /member1$/, (inputs) => (inputs.ami = "resolve:ssm:/aws/service/latest")),
    foundBy: ["etcd-pinned-machine-image"],
  },
  {
    title: "an image of another resource",
    apply: (world) =>
      world.edit(instance, /member1$/, (inputs, resource) => {
        const image = world.add("aws:ec2/amiCopy:AmiCopy", "image", {});
        inputs.ami = world.ref(image);
        resource.propertyDependencies.ami = [image.urn];
      }),
    foundBy: ["etcd-pinned-machine-image"],
  },
];

function allow(world: World, Action: string[], Resource: string[]): void {
  world.edit("aws:iam/rolePolicy:RolePolicy", /member1$/, (inputs) => {
    inputs.policy = JSON.stringify({
      Version: "2012-10-17",
      Statement: [{ Effect: "Allow", Action, Resource }],
    });
  });
}
