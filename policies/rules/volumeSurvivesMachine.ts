import { z } from "zod";
import { items } from "../resources/resource";
import { rule } from "../rule";

export const volumeSurvivesMachine = rule({
  name: "etcd-volume-survives-machine",
  rule: "A member's data is on a volume that outlives its machine",
  source: "etcd: Hardware recommendations; AWS EBS User Guide: Preserve data when an instance is terminated",
  level: "mandatory",
  settings: z.strictObject({}),
  *check({ clusters }) {
    for (const { instance: resource, attachments } of clusters.flatMap(({ members }) => members)) {
      if (!resource) continue;
      if (attachments.length === 0) {
        yield {
          resource,
          problem: "no data volume is attached: its data goes with the machine",
          mend: "Attach a volume of its own (aws.ebs.Volume, aws.ec2.VolumeAttachment)",
        };
      }
      for (const property of ["ebsBlockDevices", "ephemeralBlockDevices"]) {
        if (items(resource.props[property]).length === 0) continue;
        yield {
          resource,
          problem: `${property} are made with the machine and go with it`,
          mend: "Attach separate volumes, and never mix the two",
        };
      }
    }
  },
});
