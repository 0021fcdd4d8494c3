import { z } from "zod";
import { items, notSeen, refersTo, unknown, type Resource } from "../resources/resource";
import { rule } from "../rule";

const elasticTypes = ["aws:ec2/eip:Eip", "aws:ec2/eipAssociation:EipAssociation"];

export const noPublicAddress = rule({
  name: "etcd-no-public-address",
  rule: "No member has an address that is reachable from the internet",
  source:
    "Kubernetes: Operating etcd clusters, Securing etcd clusters; AWS Foundational Security Best Practices EC2.9",
  level: "mandatory",
  settings: z.strictObject({}),
  *check({ clusters, resources }) {
    const elastic = resources.filter(({ type }) => elasticTypes.includes(type));
    const mend = "Reach members only from inside the VPC, and as an operator through Session Manager";
    for (const { instance, interfaces } of clusters.flatMap(({ members }) => members)) {
      if (!instance) continue;
      const { associatePublicIpAddress, publicIp } = instance.props;
      if (associatePublicIpAddress === true)
        yield { resource: instance, problem: "associatePublicIpAddress is true", mend };
      else if (typeof publicIp === "string" && publicIp !== "")
        yield { resource: instance, problem: `it has the public address ${publicIp}`, mend };
      else if (associatePublicIpAddress === undefined && getsOne(instance, resources))
        yield { resource: instance, problem: "its subnet gives it a public address", mend };
      if (associatePublicIpAddress === unknown)
        yield { resource: instance, undecided: notSeen(instance, "associatePublicIpAddress") };
      for (const resource of [instance, ...interfaces]) {
        if (hasIpv6(resource)) yield { resource, problem: "it has an IPv6 address, which is public", mend };
      }
      for (const resource of elastic) {
        const named =
          ["instance", "instanceId"].some((property) => refersTo(resource, property, instance)) ||
          interfaces.some((each) =>
            ["networkInterface", "networkInterfaceId"].some((property) => refersTo(resource, property, each)),
          );
        if (named) yield { resource, problem: `an Elastic IP points to ${instance.name}`, mend };
      }
    }
  },
});

/** Whether it is in a subnet of the stack that gives machines public addresses. */
function getsOne(instance: Resource, resources: readonly Resource[]): boolean {
  return resources.some(
    ({ type, props }, index) =>
      type === "aws:ec2/subnet:Subnet" &&
      props.mapPublicIpOnLaunch === true &&
      refersTo(instance, "subnetId", resources[index]!),
  );
}

function hasIpv6({ props }: Resource): boolean {
  return items(props.ipv6Addresses).length > 0 || Number(props.ipv6AddressCount ?? 0) > 0;
}
