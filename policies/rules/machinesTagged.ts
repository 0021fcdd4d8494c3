import { z } from "zod";
import { tagNames } from "../../contract/tags";
import { etcdFlagsIn, startsEtcd } from "../resources/etcdFlags";
import { machineTypes } from "../resources/members";
import { tags, unknown } from "../resources/resource";
import { rule } from "../rule";

/** Machine types whose properties have names that the rules do not know. */
const unjudged = ["aws-native:ec2:Instance"];

const required = [tagNames.cluster, tagNames.member, tagNames.environment, tagNames.version];

export const machinesTagged = rule({
  name: "etcd-machines-tagged",
  rule: "Every machine that starts etcd carries its cluster's tags and is of a type that these rules judge",
  source: "This pack: no rule judges a machine that it does not see",
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
            problem: `it starts etcd but carries no tag ${tagNames.cluster}`,
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
