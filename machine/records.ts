import type { ClusterSpec } from "../spec";
import { clusterDomain, memberDnsName } from "./addresses";

/** What every machine of a cluster reads at boot and by a timer. A change of it replaces no machine. */
export interface DesiredRecord {
  /** The cluster's KMS key id: after a destroy, a cluster of the same name starts with records of its own. */
  incarnation: string;
  generation: number;
  discovery: ClusterSpec["discovery"];
  /** Domain of the SRV records. */
  domain: string;
  members: { name: string; address: string; dnsName: string; replaces?: string }[];
  admission: ClusterSpec["admission"];
  restore?: ClusterSpec["restore"];
}

/** What a member's machine reads of its own. */
export interface MemberRecord {
  /** The data volume, by its EBS id. */
  volume: string;
  address: string;
  dnsName: string;
}

type DesiredSpec = Pick<
  ClusterSpec,
  "cluster" | "network" | "discovery" | "members" | "admission" | "restore"
>;

export function desiredRecord(spec: DesiredSpec, incarnation: string): DesiredRecord {
  return {
    incarnation,
    generation: spec.restore?.generation ?? 1,
    discovery: spec.discovery,
    domain: clusterDomain(spec),
    members: spec.members.map(({ name, address, replaces }) => ({
      name,
      address,
      dnsName: memberDnsName(spec, name),
      ...(replaces && { replaces: replaces.name }),
    })),
    admission: spec.admission,
    ...(spec.restore && { restore: spec.restore }),
  };
}
