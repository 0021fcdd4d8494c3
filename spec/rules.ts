import type { MemberSpec, Subnet } from "./clusterSpec";
import { authorityKinds, type Authorities, type AuthorityKind, type PkiSpec } from "./pki";
import { contains, freeAddresses, isReserved } from "./subnets";

/** Something wrong with a declaration: where, and what the rule is. */
export interface Problem {
  /** Path below the cluster's declaration, such as `members[3].address`. */
  path: string;
  message: string;
}

/** The part of a declaration that the rules across several settings look at. */
export interface RuledSpec {
  environment: "production" | "testing";
  members: readonly MemberSpec[];
  machine: { fallbackInstanceType?: string };
  network: { subnets: Readonly<Record<string, Subnet>> };
  timeouts: { heartbeat: number; election: number };
  tls: { minVersion?: string; cipherSuites?: readonly string[] };
  pki: PkiSpec;
}

/** How many of `members` voters make a majority: ⌊n/2⌋ + 1. */
export function quorum(members: number): number {
  return Math.floor(members / 2) + 1;
}

/** Every rule across several settings that the declaration breaks, in the order of the declaration. */
export function problems(spec: RuledSpec): Problem[] {
  return [
    ...memberCount(spec),
    ...spec.members.flatMap((member, index) => memberProblems(spec, member, index)),
    ...zoneMajority(spec),
    ...timeouts(spec),
    ...cipherSuites(spec),
    ...certificates(spec),
  ];
}

function memberCount({ members, environment }: RuledSpec): Problem[] {
  const count = members.length;
  const problem = (message: string): Problem[] => [{ path: "members", message }];
  if (count === 0) return problem("no members; name at least one, five in production");
  if (count % 2 === 0) {
    const even = `${count} members; etcd needs an odd number, 3 or 5 in practice`;
    return problem(`${even} (quorum of ${count} is ${quorum(count)}: no gain over ${count - 1})`);
  }
  if (count > 7)
    return problem(`${count} members; etcd advises 7 at most (every write waits for a majority)`);
  if (count === 1 && environment === "production") {
    return problem("1 member; a single node is for testing only: name 5, or set environment: testing");
  }
  return [];
}

function memberProblems(
  { members, machine, network }: RuledSpec,
  member: MemberSpec,
  index: number,
): Problem[] {
  const found: Problem[] = [];
  const add = (key: string, message: string) => found.push({ path: `members[${index}].${key}`, message });
  const before = members.slice(0, index);

  const namesake = before.findIndex(({ name }) => name === member.name);
  if (namesake >= 0)
    add("name", `"${member.name}" is already members[${namesake}]'s; every member needs its own`);

  const subnetKnown = (key: string, name: string): Subnet | undefined => {
    const subnet = network.subnets[name];
    if (subnet === undefined) {
      add(
        key,
        `"${name}" is not a key of network.subnets (${Object.keys(network.subnets).join(", ") || "none there"})`,
      );
    }
    return subnet;
  };
  const subnet = subnetKnown("subnet", member.subnet);
  if (subnet !== undefined) {
    const taken = members.map(({ address }) => address);
    const free = `free there: ${freeAddresses(subnet.range, taken, 3).join(", ") || "none"}`;
    if (!contains(subnet.range, member.address)) {
      add("address", `${member.address} is outside subnet ${member.subnet} (${subnet.range}); ${free}`);
    } else if (isReserved(subnet.range, member.address)) {
      add(
        "address",
        `${member.address} is reserved by AWS (the first four and the last of ${subnet.range}); ${free}`,
      );
    }
    const neighbour = before.findIndex(({ address }) => address === member.address);
    if (neighbour >= 0) add("address", `${member.address} is already members[${neighbour}]'s; ${free}`);
  }

  if (member.replaces !== undefined) {
    const { name } = member.replaces;
    if (members.some((other) => other.name === name)) {
      add("replaces.name", `"${name}" is still listed; remove it from members: its volume is kept`);
    }
    if (before.some(({ replaces }) => replaces?.name === name)) {
      add("replaces.name", `"${name}" is already replaced by another member`);
    }
    if (member.replaces.subnet !== undefined) subnetKnown("replaces.subnet", member.replaces.subnet);
  }
  if (member.fallback && machine.fallbackInstanceType === undefined) {
    add("fallback", "true, but machine.fallbackInstanceType names no type to fall back to");
  }
  return found;
}

function zoneMajority({ members, network, environment }: RuledSpec): Problem[] {
  if (environment !== "production" || members.length < 3) return [];
  const needed = quorum(members.length);
  const zones = members
    .map(({ subnet }) => network.subnets[subnet]?.zone)
    .filter((zone) => zone !== undefined);
  return [...new Set(zones)]
    .map((zone) => ({ zone, count: zones.filter((other) => other === zone).length }))
    .filter(({ count }) => count >= needed)
    .map(({ zone, count }) => ({
      path: "members",
      message: `${count} of ${members.length} members in zone ${zone}; its loss would cost the quorum of ${needed}: spread them over three zones`,
    }));
}

function timeouts({ timeouts: { heartbeat, election } }: RuledSpec): Problem[] {
  if (election >= 5 * heartbeat) return [];
  const message = `${election} ms is less than five heartbeats (5 × ${heartbeat} ms); etcd does not start with that`;
  return [{ path: "timeouts.election", message }];
}

/** The one TLS 1.2 suite with an ECDSA key that HTTP/2 demands (RFC 9113, 9.2.2); Go does not serve without it. */
const demanded = "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256";

function cipherSuites({ tls: { minVersion, cipherSuites } }: RuledSpec): Problem[] {
  if (cipherSuites === undefined) return [];
  const problem = (message: string): Problem[] => [{ path: "tls.cipherSuites", message }];
  if (minVersion === "TLS1.3")
    return problem(
      "set together with tls.minVersion: TLS1.3, whose suites are not configurable; etcd does not start with both",
    );
  return cipherSuites.includes(demanded) ? [] : problem(`lack ${demanded}, which HTTP/2 demands`);
}

function certificates({ pki }: RuledSpec): Problem[] {
  const { authorities, caValidity, leafValidity, renewal } = pki;
  const found = authorityKinds.flatMap((kind) => authorityProblems(kind, authorities[kind]));
  const add = (key: keyof PkiSpec, message: string) => found.push({ path: `pki.${key}`, message });
  if (leafValidity > caValidity)
    add(
      "leafValidity",
      `${leafValidity} is more than caValidity (${caValidity}); no certificate outlives its CA`,
    );
  if (renewal >= leafValidity)
    add(
      "renewal",
      `${renewal} is not less than leafValidity (${leafValidity}); every pulumi up would renew: lower it`,
    );
  return found;
}

function authorityProblems(kind: AuthorityKind, { trusted, issuer }: Authorities): Problem[] {
  const path = `pki.authorities.${kind}`;
  if (new Set(trusted).size < trusted.length)
    return [
      { path: `${path}.trusted`, message: `${JSON.stringify(trusted)} names one CA twice; name each once` },
    ];
  if (trusted.includes(issuer)) return [];
  const both = JSON.stringify([...new Set([...trusted.slice(0, 1), issuer])]);
  const message = `${issuer} is not in trusted (${trusted.join(", ")}); every member has to trust it before it issues: declare trusted: ${both} first`;
  return [{ path: `${path}.issuer`, message }];
}
