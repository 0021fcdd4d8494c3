import { z } from "zod";
import { at, notSeen, unknown } from "../resources/resource";
import { rule } from "../rule";

const burstable = /^t\d+[a-z]*\./;
const otherParts = /\b(kube-apiserver|kube-controller-manager|kube-scheduler|kubelet|kubeadm (init|join))\b/;

export const dedicatedMachines = rule({
  name: "etcd-dedicated-machines",
  rule: "A production member has its own machine, not of a burstable type",
  source: "Kubernetes: Operating etcd clusters, Resource requirements; etcd: Hardware recommendations",
  level: "mandatory",
  settings: z.strictObject({}),
  *check(stack) {
    for (const { members, environment } of stack.clusters) {
      if (environment === "testing") continue;
      for (const { instance: resource } of members) {
        if (!resource) continue;
        const type = at(resource.props, "instanceType");
        if (type === unknown) yield { resource, undecided: notSeen(resource, "its instance type") };
        if (typeof type === "string" && burstable.test(type)) {
          yield {
            resource,
            problem: `${type} is burstable: without CPU credits, heartbeats come late`,
            mend: "Choose a type with fixed performance, such as m7i.xlarge",
          };
        }
        const { texts, unread } = stack.machineTexts(resource);
        for (const undecided of unread) yield { resource, undecided };
        const other = otherParts.exec(texts.join("\n"))?.[0];
        if (other !== undefined)
          yield {
            resource,
            problem: `its user data or its programs start ${other}`,
            mend: "Leave the machine to etcd alone",
          };
      }
    }
  },
});
