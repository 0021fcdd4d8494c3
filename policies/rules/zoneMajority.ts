import { z } from "zod";
import { unknown } from "../resources/resource";
import { rule } from "../rule";

export const zoneMajority = rule({
  name: "etcd-zone-majority",
  rule: "No availability zone of a production cluster holds a majority of its members",
  source: "Kubernetes: Running in multiple zones; etcd FAQ, failure tolerance",
  level: "mandatory",
  settings: z.strictObject({}),
  *check({ clusters }) {
    for (const { resource, members, name, environment } of clusters) {
      if (environment === "testing") continue;
      const byZone = new Map<string, string[]>();
      for (const { zone, name: member } of members) {
        if (typeof zone === "string") byZone.set(zone, [...(byZone.get(zone) ?? []), member]);
      }
      const quorum = Math.floor(members.length / 2) + 1;
      for (const [zone, inZone] of byZone) {
        if (inZone.length >= quorum) {
          yield {
            resource,
            problem: `${zone} holds ${inZone.length} of ${members.length} members of ${name} (${inZone.join(", ")}): losing it loses the quorum of ${quorum}`,
            mend: "Spread the members over three zones, such as 2-2-1",
          };
        }
      }
      for (const { resource: member, zone } of members) {
        if (zone === unknown || zone === undefined) {
          const why =
            zone === unknown ? "is a secret or known only after a deployment" : "is declared nowhere";
          yield { resource: member, undecided: `its availability zone ${why}` };
        }
      }
    }
  },
});
