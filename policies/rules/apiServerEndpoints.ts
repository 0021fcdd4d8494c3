import { z } from "zod";
import { at, items, tags, type Resource, type Value } from "../resources/resource";
import type { Cluster, StackResources } from "../resources";
import { tagNames } from "../../contract/tags";
import { rule } from "../rule";

const prefix = "--etcd-servers=";

export const apiServerEndpoints = rule({
  name: "etcd-api-server-endpoints",
  rule: "API servers are given every member, or the load balancer, over https",
  source: "Kubernetes: Operating etcd clusters, Multi-node etcd cluster; kube-apiserver --etcd-servers",
  level: "mandatory",
  settings: z.strictObject({}),
  *check(stack) {
    for (const resource of stack.ofType("pulumi:pulumi:Stack")) {
      for (const flag of texts(Object.values(resource.props)).filter((text) => text.startsWith(prefix))) {
        const urls = flag.slice(prefix.length).split(",");
        const plain = urls.filter((url) => !url.startsWith("https://"));
        if (plain.length > 0)
          yield { resource, problem: `--etcd-servers has ${plain.join(", ")}`, mend: "Use https" };
        const hosts = new Set(urls.map((url) => url.replace(/^https?:\/\/|:\d+$/g, "")));
        const cluster = stack.clusters.find((each) => each.members.some((member) => named(hosts, member)));
        if (cluster) yield* missing(resource, hosts, cluster);
        else if (!balanced(stack, hosts)) {
          yield {
            resource,
            problem: `--etcd-servers names ${[...hosts].join(", ")}, neither a member nor the load balancer`,
            mend: "Name every member of the cluster, or its load balancer",
          };
        }
      }
    }
  },
});

function* missing(resource: Resource, hosts: ReadonlySet<string>, { members, name }: Cluster) {
  const left = members.filter((member) => !named(hosts, member)).map((member) => member.name);
  if (left.length === 0) return;
  yield {
    resource,
    problem: `--etcd-servers leaves out ${left.join(", ")} of ${name}`,
    mend: "Name every member: API servers do not find the others by themselves",
  };
}

/** Whether the endpoints name a member, by an address of its interface, or by its DNS name. */
function named(
  hosts: ReadonlySet<string>,
  { interfaces, component, instance }: Cluster["members"][number],
): boolean {
  const own = [
    ...interfaces.flatMap(({ props }) => items(props.privateIps)),
    at(instance?.props, "privateIp"),
    component?.props.dnsName,
  ];
  return own.some((host) => typeof host === "string" && hosts.has(host));
}

/** Whether the one endpoint is a name that stands for a cluster's load balancer. */
function balanced(stack: StackResources, hosts: ReadonlySet<string>): boolean {
  const [host] = hosts;
  const balancers = stack
    .ofType("aws:lb/loadBalancer:LoadBalancer")
    .filter((each) => tags(each)[tagNames.cluster] !== undefined);
  const alias = stack
    .ofType("aws:route53/record:Record")
    .some(
      ({ props, sources }) =>
        props.name === host && sources.aliases?.some((each) => balancers.includes(each)),
    );
  return hosts.size === 1 && (alias || balancers.some(({ props }) => props.dnsName === host));
}

function texts(values: Value[]): string[] {
  return values.flatMap((value) => {
    if (typeof value === "string") return [value];
    return typeof value === "object" && value !== null ? texts(Object.values(value)) : [];
  });
}
