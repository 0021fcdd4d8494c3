import { z } from "zod";
import { ports } from "../../contract/addresses";
import { tagNames } from "../../contract/tags";
import { refersTo, shown, tags, unknown } from "../resources/resource";
import { rule } from "../rule";

export const loadBalancerInternal = rule({
  name: "etcd-load-balancer-internal",
  rule: "etcd's load balancer is an internal network load balancer that passes TLS through",
  source:
    "Kubernetes: Operating etcd clusters, Multi-node etcd cluster with load balancer; AWS: Network Load Balancers",
  level: "mandatory",
  settings: z.strictObject({}),
  *check(stack) {
    if (stack.clusters.length === 0) return;
    const listeners = stack.ofType("aws:lb/listener:Listener");
    const targets = stack
      .ofType("aws:lb/targetGroup:TargetGroup")
      .filter(({ props }) => props.port === ports.client);
    const toEtcd = listeners.filter(
      (listener) =>
        listener.props.port === ports.client ||
        targets.some((target) => refersTo(listener, "defaultActions", target)),
    );
    for (const resource of stack.ofType("aws:lb/loadBalancer:LoadBalancer")) {
      const own = toEtcd.filter((listener) => refersTo(listener, "loadBalancerArn", resource));
      if (own.length === 0 && tags(resource)[tagNames.cluster] === undefined) continue;
      const { internal, loadBalancerType } = resource.props;
      if (internal === unknown)
        yield { resource, undecided: "internal is a secret or known only after a deployment" };
      else if (internal !== true)
        yield {
          resource,
          problem: `internal is ${shown(internal)}`,
          mend: "Set internal to true",
        };
      if (loadBalancerType !== "network") {
        yield {
          resource,
          problem: `loadBalancerType is ${shown(loadBalancerType)}`,
          mend: 'Set loadBalancerType to "network": clients show their certificates to etcd itself',
        };
      }
      for (const listener of own) {
        if (listener.props.protocol === "TCP") continue;
        yield {
          resource: listener,
          problem: `its protocol is ${shown(listener.props.protocol)}`,
          mend: "Pass TLS through with the protocol TCP",
        };
      }
    }
  },
});
