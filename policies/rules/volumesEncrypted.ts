import { z } from "zod";
import { at, notSeen, unknown, type Resource, type Value } from "../resources/resource";
import { rule, type Finding, type Undecided } from "../rule";

export const volumesEncrypted = rule({
  name: "etcd-volumes-encrypted",
  rule: "A member's volumes are encrypted under a customer-managed key",
  source:
    "Kubernetes: Operating etcd clusters, Securing etcd clusters; AWS EBS User Guide: Amazon EBS encryption",
  level: "mandatory",
  settings: z.strictObject({}),
  *check({ clusters }) {
    for (const { volumes, instance } of clusters.flatMap(({ members }) => members)) {
      for (const volume of volumes) yield* judge(volume, volume.props, "", Boolean(volume.sources.kmsKeyId));
      if (instance) {
        const root = at(instance.props, "rootBlockDevice");
        yield* judge(instance, root, "the root volume: ", Boolean(instance.sources.rootBlockDevice));
      }
    }
  },
});

/** @param keyOfStack whether the key, not known yet, comes from a resource of the stack */
function* judge(
  resource: Resource,
  volume: Value,
  which: string,
  keyOfStack: boolean,
): Generator<Finding | Undecided> {
  const [encrypted, key] = [at(volume, "encrypted"), at(volume, "kmsKeyId")];
  const mend = "Set encrypted to true and kmsKeyId to a customer-managed key";
  if (encrypted === unknown) {
    yield { resource, undecided: notSeen(resource, `${which}encrypted`) };
  } else if (encrypted !== true) {
    yield { resource, problem: `${which}not encrypted`, mend };
  } else if (key === unknown) {
    if (!keyOfStack) yield { resource, undecided: notSeen(resource, `${which}its key`) };
  } else if (typeof key !== "string" || key === "" || key.includes("alias/aws/")) {
    yield { resource, problem: `${which}encrypted under AWS' own key`, mend };
  }
}
