import { z } from "zod";
import { unknown } from "../resources/resource";
import { rule } from "../rule";

export const certificateLifetime = rule({
  name: "etcd-certificate-lifetime",
  rule: "Certificates of members and clients are short-lived and renewed before they expire",
  source: "Kubernetes: PKI certificates and requirements; Pulumi tls: earlyRenewalHours",
  level: "advisory",
  // 366 days.
  settings: z.strictObject({ maxHours: z.int().min(1).max(8784).default(8784) }),
  *check(stack, { maxHours }) {
    if (stack.clusters.length === 0) return;
    for (const resource of stack.ofType("tls:index/locallySignedCert:LocallySignedCert")) {
      const { validityPeriodHours, earlyRenewalHours, isCaCertificate } = resource.props;
      if (isCaCertificate === true) continue;
      if (validityPeriodHours === unknown || earlyRenewalHours === unknown)
        yield { resource, undecided: "its lifetime is a secret or known only after a deployment" };
      if (typeof validityPeriodHours === "number" && validityPeriodHours > maxHours) {
        yield {
          resource,
          problem: `validityPeriodHours is ${validityPeriodHours}, more than ${maxHours}`,
          mend: "Issue it for a year at most",
        };
      }
      if (earlyRenewalHours === undefined || earlyRenewalHours === 0) {
        yield {
          resource,
          problem: "earlyRenewalHours is not set: it is renewed only after it has expired",
          mend: "Set earlyRenewalHours to more than the time between two updates",
        };
      }
    }
  },
});
