import { z } from "zod";
import { tagNames } from "../../contract/tags";
import { at, items, refersTo, tags, type Resource } from "../resources/resource";
import { machineTypes } from "../resources/members";
import { readUserData } from "../resources/userData";
import { rule } from "../rule";

const scaling = [
  "aws:autoscaling/group:Group",
  "aws:ec2/fleet:Fleet",
  "aws:ec2/spotFleetRequest:SpotFleetRequest",
  "aws-native:autoscaling:AutoScalingGroup",
];
const templates = [
  "aws:ec2/launchTemplate:LaunchTemplate",
  "aws:ec2/launchConfiguration:LaunchConfiguration",
];
/** Properties by which a group names what it starts. */
const users = [
  "launchTemplate",
  "launchConfiguration",
  "mixedInstancesPolicy",
  "launchTemplateConfig",
  "launchTemplateConfigs",
];
const startsEtcd =
  /\betcd\.service\b|--(listen-(client|peer)-urls|initial-cluster|initial-advertise-peer-urls)\b|\bETCD_[A-Z_]+=|(^|[\s/])etcd(\s+--|\s*&|$)/m;

export const noAutoscaling = rule({
  name: "etcd-no-autoscaling",
  rule: "No Auto Scaling group or fleet carries etcd members, nor does any launch template but a declared machine's",
  source: "Kubernetes: Operating etcd clusters, Scaling out etcd clusters",
  level: "mandatory",
  settings: z.strictObject({}),
  *check(stack) {
    const mend = "Declare each member's machine separately: etcd is scaled by hand, from three to five";
    const carriers = stack.resources.filter(({ type }) => templates.includes(type));
    const withEtcd = carriers.filter(carriesEtcd);
    const machines = stack.resources.filter(({ type }) => machineTypes.includes(type));
    // A template that a declared machine starts from is judged as that machine's.
    const free = withEtcd.filter((each) => !machines.some((one) => refersTo(one, "launchTemplate", each)));
    for (const resource of free) yield { resource, problem: "it would start etcd members", mend };
    for (const resource of carriers.filter((each) => !withEtcd.includes(each)))
      for (const undecided of readUserData(resource).unread) yield { resource, undecided };
    for (const resource of stack.resources.filter(({ type }) => scaling.includes(type))) {
      const uses = withEtcd.filter((each) => users.some((property) => refersTo(resource, property, each)));
      if (uses.length > 0 || tagged(resource))
        yield { resource, problem: "it would start and terminate etcd members as it scales", mend };
    }
  },
});

function carriesEtcd(resource: Resource): boolean {
  return tagged(resource) || readUserData(resource).texts.some((text) => startsEtcd.test(text));
}

/** Whether it carries the cluster's tag, or gives it to what it starts. */
function tagged(resource: Resource): boolean {
  const specifications = items(at(resource.props, "tagSpecifications")).map((each) =>
    at(each, "tags", tagNames.cluster),
  );
  return tags(resource)[tagNames.cluster] !== undefined || specifications.some((each) => each !== undefined);
}
