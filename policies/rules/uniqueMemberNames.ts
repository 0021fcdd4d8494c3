import { z } from "zod";
import { at, items } from "../resources/resource";
import { rule } from "../rule";

const dnsLabel = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;

export const uniqueMemberNames = rule({
  name: "etcd-unique-member-names",
  rule: "Each member of a cluster has its own name, a DNS label, and its own address",
  source: "Kubernetes: Operating etcd clusters, Replacing a failed etcd member; etcd: Clustering guide",
  level: "mandatory",
  settings: z.strictObject({}),
  *check({ clusters }) {
    for (const { members, name: cluster } of clusters) {
      const names = new Map<string, string>();
      const addresses = new Map<string, string>();
      for (const { name, resource, interfaces, component } of members) {
        if (!dnsLabel.test(name))
          yield {
            resource,
            problem: `${JSON.stringify(name)} is not a DNS label`,
            mend: "Name it like member1",
          };
        const twin = names.get(name);
        if (twin !== undefined) {
          yield {
            resource,
            problem: `${name} is also the name of ${twin}, in ${cluster}`,
            mend: "Give each member its own name; do not reuse a replaced member's name while it lives",
          };
        }
        names.set(name, resource.name);
        const own = interfaces.flatMap(({ props }) => items(at(props, "privateIps")));
        for (const address of new Set([...own, component?.props.address])) {
          if (typeof address !== "string") continue;
          const holder = addresses.get(address);
          if (holder !== undefined)
            yield {
              resource,
              problem: `${address} is also ${holder}'s address`,
              mend: "Give it one of its own",
            };
          addresses.set(address, resource.name);
        }
      }
    }
  },
});
