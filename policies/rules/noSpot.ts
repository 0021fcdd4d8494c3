import { z } from "zod";
import { at, notSeen, shown, unknown } from "../resources/resource";
import { types } from "../resources";
import { rule } from "../rule";

export const noSpot = rule({
  name: "etcd-no-spot",
  rule: "No member of a production cluster runs on a Spot Instance",
  source:
    "AWS EC2 User Guide: Spot Instance interruptions; etcd FAQ, failure tolerance: AWS reclaims several at once",
  level: "mandatory",
  settings: z.strictObject({}),
  *check({ clusters }) {
    for (const { members, environment } of clusters) {
      if (environment === "testing") continue;
      for (const { instance: resource } of members) {
        if (!resource) continue;
        const { type, props } = resource;
        const market = at(props, "instanceMarketOptions", "marketType");
        // What AWS says about a running machine.
        const runs =
          [market, props.instanceLifecycle].includes("spot") || Boolean(props.spotInstanceRequestId);
        if (market === unknown && !runs) yield { resource, undecided: notSeen(resource, "its market") };
        else if (runs || type === types.spotRequest) {
          yield {
            resource,
            problem: `it is a Spot Instance (${type === types.spotRequest ? type : shown(market ?? "spot")}), which AWS ends at two minutes' notice`,
            mend: "Leave instanceMarketOptions out: members run on demand or on reserved capacity",
          };
        }
      }
    }
  },
});
