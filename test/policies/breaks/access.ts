import type { RecordedResource } from "../../../record/recording";
import type { Properties } from "../../../record/values";
import type { Declared } from "../declared";
import type { Break } from "./break";
import { ingressRule, instance, networkInterface, securityGroup } from "./types";

/** Breaks of who reaches what: firewall, addresses, load balancer, API servers' endpoints. */
export const access: Break[] = [
  {
    title: "2379 open to the declared through a separate rule",
    apply: (declared) =>
      openTo(declared, { cidrIpv4: "0.0.0.0/0", ipProtocol: "tcp", fromPort: 2379, toPort: 2379 }),
    foundBy: ["etcd-client-ports-closed"],
  },
  {
    title: "every port open to the declared by IPv6",
    apply: (declared) => openTo(declared, { cidrIpv6: "::/0", ipProtocol: "-1" }),
    foundBy: ["etcd-client-ports-closed"],
  },
  {
    title: "a range around the metrics port open to a network",
    apply: (declared) =>
      openTo(declared, { cidrIpv4: "10.0.0.0/8", ipProtocol: "tcp", fromPort: 2000, toPort: 3000 }),
    foundBy: ["etcd-client-ports-closed"],
  },
  {
    title: "2379 open to the declared in the group's own list",
    apply: (declared) =>
      declared.edit(securityGroup, /members$/, (inputs) => {
        inputs.ingress = [{ protocol: "tcp", fromPort: 2379, toPort: 2379, cidrBlocks: ["0.0.0.0/0"] }];
      }),
    foundBy: ["etcd-client-ports-closed"],
  },
  {
    title: "2379 open to the declared in the VPC's default group",
    apply: (declared) =>
      declared.edit(securityGroup, /members$/, (inputs, resource) => {
        resource.type = "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup";
        inputs.ingress = [{ protocol: "-1", fromPort: 0, toPort: 0, cidrBlocks: ["0.0.0.0/0"] }];
      }),
    foundBy: ["etcd-client-ports-closed"],
  },
  {
    title: "2379 open to the declared through a rule of the older type",
    apply: (declared) => {
      const group = declared.the(securityGroup, /members$/);
      declared.add(
        "aws:ec2/securityGroupRule:SecurityGroupRule",
        "older",
        {
          type: "ingress",
          securityGroupId: declared.ref(group),
          protocol: "tcp",
          fromPort: 2379,
          toPort: 2379,
          cidrBlocks: ["0.0.0.0/0"],
        },
        { securityGroupId: group },
      );
    },
    foundBy: ["etcd-client-ports-closed"],
  },
  {
    title: "the peer port open to API servers",
    apply: (declared) =>
      openTo(declared, {
        referencedSecurityGroupId: "sg-0123456789abcdef9",
        ipProtocol: "tcp",
        fromPort: 2380,
        toPort: 2380,
      }),
    foundBy: ["etcd-client-ports-closed"],
  },
  {
    title: "a public address of the machine's own",
    apply: (declared) =>
      declared.edit(instance, /member1$/, (inputs) => (inputs.associatePublicIpAddress = true)),
    foundBy: ["etcd-no-public-address"],
  },
  {
    title: "a public address that AWS tells of",
    apply: (declared) => declared.edit(instance, /member1$/, (inputs) => (inputs.publicIp = "198.51.100.7")),
    foundBy: ["etcd-no-public-address"],
  },
  {
    title: "a subnet that gives machines public addresses",
    apply: (declared) => {
      const subnet = declared.add("aws:ec2/subnet:Subnet", "public", { mapPublicIpOnLaunch: true });
      declared.edit(instance, /member1$/, (inputs, resource) => {
        inputs.subnetId = declared.ref(subnet);
        resource.propertyDependencies.subnetId = [subnet.urn];
      });
    },
    foundBy: ["etcd-no-public-address"],
  },
  {
    title: "an Elastic IP on a member's interface",
    apply: (declared) => {
      const own = declared.the(networkInterface, /member4$/);
      declared.add(
        "aws:ec2/eip:Eip",
        "public",
        { networkInterface: declared.ref(own) },
        { networkInterface: own },
      );
    },
    foundBy: ["etcd-no-public-address"],
  },
  {
    title: "an IPv6 address on a member's interface",
    apply: (declared) =>
      declared.edit(networkInterface, /member4$/, (inputs) => (inputs.ipv6AddressCount = 1)),
    foundBy: ["etcd-no-public-address"],
  },
  {
    title: "a load balancer that faces the internet",
    apply: (declared) =>
      declared.edit("aws:lb/loadBalancer:LoadBalancer", /./, (inputs) => (inputs.internal = false)),
    foundBy: ["etcd-load-balancer-internal"],
  },
  {
    title: "a load balancer that ends TLS",
    apply: (declared) =>
      declared.edit("aws:lb/listener:Listener", /./, (inputs) => (inputs.protocol = "TLS")),
    foundBy: ["etcd-load-balancer-internal"],
  },
  {
    title: "an untagged load balancer before etcd",
    apply: (declared) =>
      declared.edit("aws:lb/loadBalancer:LoadBalancer", /./, (inputs) => {
        delete inputs.tags;
        inputs.loadBalancerType = "application";
      }),
    foundBy: ["etcd-load-balancer-internal"],
  },
  {
    title: "API servers that do not know every member",
    apply: (declared) => etcdServers(declared, "https://10.0.1.11:2379,https://10.0.2.11:2379"),
    foundBy: ["etcd-api-server-endpoints"],
  },
  {
    title: "API servers that use plain http",
    apply: (declared) => {
      const hosts = ["1.11", "2.11", "3.11", "1.12", "2.12"];
      etcdServers(declared, hosts.map((host) => `http://10.0.${host}:2379`).join(","));
    },
    foundBy: ["etcd-api-server-endpoints"],
  },
  {
    title: "API servers that are told of something else",
    apply: (declared) => etcdServers(declared, "https://etcd.example.org:2379"),
    foundBy: ["etcd-api-server-endpoints"],
  },
];

function openTo(declared: Declared, opening: Properties): RecordedResource {
  const group = declared.the(securityGroup, /members$/);
  const inputs = { securityGroupId: declared.ref(group), ...opening };
  return declared.add(ingressRule, "opened", inputs, { securityGroupId: group });
}

function etcdServers(declared: Declared, servers: string): void {
  declared.edit("pulumi:pulumi:Stack", /./, (_, { outputs }) => {
    (outputs.apiServer as Properties).flags = [`--etcd-servers=${servers}`];
  });
}
