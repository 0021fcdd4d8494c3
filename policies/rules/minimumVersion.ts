import { z } from "zod";
import { rule } from "../rule";
import { refusal, warning } from "../versions";

export const minimumVersion = rule({
  name: "etcd-minimum-version",
  rule: "Production runs etcd 3.4.22, 3.5.6 or later, without known corruption",
  source: "Kubernetes: Operating etcd clusters, Before you begin; etcd changelogs",
  level: "mandatory",
  settings: z.strictObject({}),
  *check({ clusters }) {
    for (const { resource, version } of clusters.flatMap(({ members }) => members)) {
      if (version === undefined) {
        yield { resource, undecided: "its etcd version is declared nowhere; set the tag etcd:version" };
        continue;
      }
      const refused = refusal(version);
      const warned = refused === undefined ? warning(version) : undefined;
      const mend = "Run the newest patch of a supported minor";
      if (refused) yield { resource, problem: `etcd ${version}: ${refused}`, mend };
      else if (warned) yield { resource, problem: `etcd ${version} ${warned}`, mend, level: "advisory" };
    }
  },
});
