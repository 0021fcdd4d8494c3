import { z } from "zod";
import { tagNames } from "../../contract/tags";
import { etcdFlagsIn, startsEtcd } from "../resources/etcdFlags";
import { machineTypes } from "../resources/members";
import { tags, unknown } from "../resources/resource";
import { rule } from "../rule";

/** Types of machines whose properties have other names than rules know. */
const unjudged = ["aws-native:ec2:Instance"];

const required = [tagNames.cluster, tagNames.member, tagNames.environment, tagNames.version];

export const machinesTagged = rule({
  name: "etcd-machines-tagged",
  rule: "Every machine that starts etcd carries its cluster's tags and is of a type that these rules judge",
  source: "These rules: a machine that they do not see is judged by none of them",
  level: "mandatory",
  settings: z.strictObject({}),
  *check(stack) {
    const machines = stack.resources.filter(({ type }) => [...machineTypes, ...unjudged].includes(type));
    for (const resource of machines) {
      const tagged = tags(resource)[tagNames.cluster] !== undefined;
      const judged = !unjudged.includes(resource.type);
      if (tagged && judged) continue;
      if (!tagged && !startsEtcd(etcdFlagsIn(stack.machineTexts(resource).texts))) {
        if (resource.props.tags === unknown)
          yield { resource, undecided: "its tags are secret or known only after a deployment" };
        continue;
      }
      yield judged
        ? {
            resource,
            problem: `it starts etcd and carries no tag ${tagNames.cluster}`,
            mend: `Tag it ${required.join(", ")}`,
          }
        : {
            resource,
            problem: `it is a member of type ${resource.type}, which no rule judges`,
            mend: "Declare it as aws.ec2.Instance",
          };
    }
  },
});
