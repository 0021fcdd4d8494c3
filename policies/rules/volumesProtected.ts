import { z } from "zod";
import { tagNames } from "../../contract/tags";
import { tags } from "../resources/resource";
import { rule } from "../rule";

export const volumesProtected = rule({
  name: "etcd-volumes-protected",
  rule: "Data volumes of a production cluster are protected from deletion",
  source: "Pulumi: protect; Kubernetes: Operating etcd clusters, Backing up an etcd cluster",
  level: "mandatory",
  settings: z.strictObject({}),
  *check({ clusters }) {
    for (const { members, environment } of clusters) {
      if (environment === "testing") continue;
      for (const { volumes, instance } of members) {
        for (const resource of volumes) {
          if (resource.opts.protect) continue;
          yield {
            resource,
            problem: "an update may delete this data volume",
            mend: "Set the resource option protect to true",
          };
        }
        if (instance && tags(instance)[tagNames.deletionProtection] === "false") {
          yield {
            resource: instance,
            problem: `${tagNames.deletionProtection} is false: nothing stops a deletion that costs the quorum`,
            mend: "Set deletionProtection to true unless the cluster is about to be taken down",
          };
        }
      }
    }
  },
});
