import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { clusterDomain, memberDnsName, ports } from "../contract/addresses";
import type { ClusterSpec } from "../spec";

export type EtcdDiscoveryArgs = Pick<ClusterSpec, "cluster" | "network" | "members">;

/**
 * SRV records by which a new cluster finds its members (`--discovery-srv`), and clients such as etcdctl find theirs.
 * Names and form follow etcd's clustering guide for TLS
 * (https://etcd.io/docs/current/op-guide/clustering/#dns-discovery).
 */
export class EtcdDiscovery extends pulumi.ComponentResource {
  /** The domain for `--discovery-srv`. */
  readonly domain: string;

  constructor(name: string, args: EtcdDiscoveryArgs, opts?: pulumi.ComponentResourceOptions) {
    const domain = clusterDomain(args);
    const members = args.members.map((member) => memberDnsName(args, member.name));
    super("etcd:index:EtcdDiscovery", name, { cluster: args.cluster, domain, members }, opts);
    this.domain = domain;
    for (const [use, port] of [
      ["server", ports.peer],
      ["client", ports.client],
    ] as const) {
      new aws.route53.Record(
        `${name}-${use}-srv`,
        {
          zoneId: args.network.privateZone.id,
          name: `_etcd-${use}-ssl._tcp.${domain}`,
          type: "SRV",
          ttl: 60,
          // etcd ignores priority and weight.
          records: members.map((member) => `0 0 ${port} ${member}`),
        },
        { parent: this },
      );
    }
    this.registerOutputs({ domain });
  }
}
