import { z } from "zod";
import { notSeen, shown, unknown } from "../resources/resource";
import { rule } from "../rule";

export const pinnedMachineImage = rule({
  name: "etcd-pinned-machine-image",
  rule: "Production machines start from an image named by its id",
  source: "AWS EC2 User Guide: Find an AMI; a new image would replace every member",
  level: "advisory",
  settings: z.strictObject({}),
  *check({ clusters }) {
    for (const { members, environment } of clusters) {
      if (environment === "testing") continue;
      for (const { instance: resource } of members) {
        if (!resource) continue;
        const { ami } = resource.props;
        if (ami === unknown && resource.hiddenTemplate !== undefined) {
          yield { resource, undecided: notSeen(resource, "its image") };
          continue;
        }
        const looked = ami === unknown || (resource.sources.ami ?? []).length > 0;
        if (!looked && typeof ami === "string" && /^ami-[0-9a-f]{8,17}$/.test(ami)) continue;
        yield {
          resource,
          problem: `its image is ${looked ? "looked up" : shown(ami)}`,
          mend: "Name the image by its id, and change it on purpose",
        };
      }
    }
  },
});
