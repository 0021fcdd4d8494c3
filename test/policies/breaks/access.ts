import type { RecordedResource } from "../../../rehearsal/recorder/recording";
import type { Properties } from "../../../rehearsal/recorder/values";
import type { World } from "../world";
import type { Break } from "./break";
import { ingressRule, instance, networkInterface, securityGroup } from "./types";

/** Breaks of who reaches what: firewall, addresses, load balancer, API servers' endpoints. */
export const access: Break[] = [
  {
    title: "2379 open to the world through a separate rule",
    apply: (world) =>
      openTo(world, { cidrIpv4: "0.0.0.0/0", ipProtocol: "tcp", fromPort: 2379, toPort: 2379 }),
    foundBy: ["etcd-client-ports-closed"],
  },
  {
    title: "every port open to the world by IPv6",
    apply: (world) => openTo(world, { cidrIpv6: "::/0", ipProtocol: "-1" }),
    foundBy: ["etcd-client-ports-closed"],
  },
  {
    title: "a range around the metrics port open to a network",
    apply: (world) =>
      openTo(world, { cidrIpv4: "10.0.0.0/8", ipProtocol: "tcp", fromPort: 2000, toPort: 3000 }),
    foundBy: ["etcd-client-ports-closed"],
  },
  {
    title: "2379 open to the world in the group's own list",
    apply: (world) =>
      world.edit(securityGroup, /members$/, (inputs) => {
        inputs.ingress = [{ protocol: "tcp", fromPort: 2379, toPort: 2379, cidrBlocks: ["0.0.0.0/0"] }];
      }),
    foundBy: ["etcd-client-ports-closed"],
  },
  {
    title: "2379 open to the world through a rule of the older type",
    apply: (world) => {
      const group = world.the(securityGroup, /members$/);
      world.add(
        "aws:ec2/securityGroupRule:SecurityGroupRule",
        "older",
        {
          type: "ingress",
          securityGroupId: world.ref(group),
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
    apply: (world) =>
      openTo(world, {
        referencedSecurityGroupId: "sg-0123456789abcdef9",
        ipProtocol: "tcp",
        fromPort: 2380,
        toPort: 2380,
      }),
    foundBy: ["etcd-client-ports-closed"],
  },
  {
    title: "a public address of the machine's own",
    apply: (world) => world.edit(instance, /member1$/, (inputs) => (inputs.associatePublicIpAddress = true)),
    foundBy: ["etcd-no-public-address"],
  },
  {
    title: "an Elastic IP on a member's interface",
    apply: (world) => {
      const own = world.the(networkInterface, /member4$/);
      world.add("aws:ec2/eip:Eip", "public", { networkInterface: world.ref(own) }, { networkInterface: own });
    },
    foundBy: ["etcd-no-public-address"],
  },
  {
    title: "an IPv6 address on a member's interface",
    apply: (world) => world.edit(networkInterface, /member4$/, (inputs) => (inputs.ipv6AddressCount = 1)),
    foundBy: ["etcd-no-public-address"],
  },
  {
    title: "a load balancer that faces the internet",
    apply: (world) =>
      world.edit("aws:lb/loadBalancer:LoadBalancer", /./, (inputs) => (inputs.internal = false)),
    foundBy: ["etcd-load-balancer-internal"],
  },
  {
    title: "a load balancer that ends TLS",
    apply: (world) => world.edit("aws:lb/listener:Listener", /./, (inputs) => (inputs.protocol = "TLS")),
    foundBy: ["etcd-load-balancer-internal"],
  },
  {
    title: "an untagged load balancer before etcd",
    apply: (world) =>
      world.edit("aws:lb/loadBalancer:LoadBalancer", /./, (inputs) => {
        delete inputs.tags;
        inputs.loadBalancerType = "application";
      }),
    foundBy: ["etcd-load-balancer-internal"],
  },
  {
    title: "API servers that do not know every member",
    apply: (world) => etcdServers(world, "https://10.0.1.11:2379,https://10.0.2.11:2379"),
    foundBy: ["etcd-api-server-endpoints"],
  },
  {
    title: "API servers that use plain http",
    apply: (world) => {
      const hosts = ["1.11", "2.11", "3.11", "1.12", "2.12"];
      etcdServers(world, hosts.map((host) => `http://10.0.${host}:2379`).join(","));
    },
    foundBy: ["etcd-api-server-endpoints"],
  },
  {
    title: "API servers that are told of something else",
    apply: (world) => etcdServers(world, "https://etcd.example.org:2379"),
    foundBy: ["etcd-api-server-endpoints"],
  },
];

function openTo(world: World, opening: Properties): RecordedResource {
  const group = world.the(securityGroup, /members$/);
  const inputs = { securityGroupId: world.ref(group), ...opening };
  return world.add(ingressRule, "opened", inputs, { securityGroupId: group });
}

function etcdServers(world: World, servers: string): void {
  world.edit("pulumi:pulumi:Stack", /./, (_, { outputs }) => {
    (outputs.apiServer as Properties).flags = [`--etcd-servers=${servers}`];
  });
}
