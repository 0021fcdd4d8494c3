import { z } from "zod";
import { tagNames } from "../../contract/tags";
import { at, items, refersTo, tags, unknown, type Resource } from "../resources/resource";
import { readUserData } from "../resources/userData";
import { rule } from "../rule";

const scaling = ["aws:autoscaling/group:Group"];
const templates = [
  "aws:ec2/launchTemplate:LaunchTemplate",
  "aws:ec2/launchConfiguration:LaunchConfiguration",
];
const startsEtcd =
  /\betcd\.service\b|--(listen-(client|peer)-urls|initial-cluster|initial-advertise-peer-urls)\b|\bETCD_[A-Z_]+=|(^|[\s/])etcd(\s+--|\s*&|$)/m;

export const noAutoscaling = rule({
  name: "etcd-no-autoscaling",
  rule: "No Auto Scaling group and no launch template carries etcd members",
  source: "Kubernetes: Operating etcd clusters, Scaling out etcd clusters",
  level: "mandatory",
  settings: z.strictObject({}),
  *check(stack) {
    const mend = "Declare each member's machine by itself: etcd is scaled by hand, from three to five";
    const carriers = stack.resources.filter(({ type }) => templates.includes(type));
    const withEtcd = carriers.filter(carriesEtcd);
    for (const resource of withEtcd) yield { resource, problem: "it would start etcd members", mend };
    for (const resource of carriers) {
      if (!withEtcd.includes(resource) && readUserData(resource) === unknown)
        yield { resource, undecided: "its user data is known only after a deployment" };
    }
    for (const resource of stack.resources.filter(({ type }) => scaling.includes(type))) {
      const uses = withEtcd.filter((each) =>
        ["launchTemplate", "launchConfiguration", "mixedInstancesPolicy"].some((property) =>
          refersTo(resource, property, each),
        ),
      );
      if (uses.length > 0 || tagged(resource))
        yield { resource, problem: "it would start and end etcd members as it scales", mend };
    }
  },
});

function carriesEtcd(resource: Resource): boolean {
  const text = readUserData(resource);
  return tagged(resource) || (typeof text === "string" && startsEtcd.test(text));
}

/** Whether it carries the cluster's tag, or gives it to what it starts. */
function tagged(resource: Resource): boolean {
  const specifications = items(at(resource.props, "tagSpecifications")).map((each) =>
    at(each, "tags", tagNames.cluster),
  );
  const listed = items(at(resource.props, "tags")).map(
    (each) => at(each, "key") === tagNames.cluster || undefined,
  );
  return (
    tags(resource)[tagNames.cluster] !== undefined ||
    [...specifications, ...listed].some((each) => each !== undefined)
  );
}
