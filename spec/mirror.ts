import { partitions } from "./aws/partitions";

/** Where a mirror stands, seen from subnets whose only way out is VPC endpoints. */
export type MirrorPlace = "s3" | "internet" | "network";

/** The setting of that name, as specs and inputs have it. */
interface Mirror {
  mirror: string;
}

/** Host names of S3: of a bucket or in front of its path, in any of their forms, through an interface endpoint or not. */
const s3Host = new RegExp(
  `(^|\\.)s3([.-][a-z0-9.-]+)?\\.(${[...new Set(partitions.map(({ dnsSuffix }) => dnsSuffix.replaceAll(".", "\\.")))].join("|")})$`,
);

/**
 * Tells where a mirror stands by its host's name: in S3, which an endpoint reaches; at GitHub, which none
 * does; else in the VPC or in a network that is routed to it, as no other is in reach.
 */
export function mirrorPlace({ mirror }: Mirror): MirrorPlace {
  const { hostname } = new URL(mirror);
  if (s3Host.test(hostname)) return "s3";
  return /(^|\.)github(usercontent)?\.com$/.test(hostname) ? "internet" : "network";
}

/** The TCP port of a mirror. */
export function mirrorPort({ mirror }: Mirror): number {
  const { port, protocol } = new URL(mirror);
  return port === "" ? { "http:": 80, "https:": 443 }[protocol]! : Number(port);
}

/** A mirror's address, where it is named by one. */
export function mirrorAddress({ mirror }: Mirror): string | undefined {
  const { hostname } = new URL(mirror);
  return /^\d+(\.\d+){3}$/.test(hostname) ? hostname : undefined;
}

/**
 * Whether an endpoint of S3 in a region answers for the mirror: private DNS has it answer for s3.<region> and
 * what stands before that, and for names of its own; not for other regions, dual-stack, FIPS, accelerated or
 * global names (https://docs.aws.amazon.com/AmazonS3/latest/userguide/privatelink-interface-endpoints.html).
 */
export function endpointAnswersFor({ mirror }: Mirror, region: string, dnsSuffix: string): boolean {
  const { hostname } = new URL(mirror);
  const names = [`s3.${region}.${dnsSuffix}`, `s3.${region}.vpce.${dnsSuffix}`];
  return names.some((name) => hostname === name || hostname.endsWith(`.${name}`));
}

/** What speaks against an address of a mirror, whatever the way there. */
export function mirrorProblem(mirror: string): string | undefined {
  const { username, password, search, hash, hostname } = new URL(mirror);
  if (username !== "" || password !== "")
    return "holds a user or password, which user data would show to whoever describes the machine; open the mirror to the members by address";
  if (search !== "" || hash !== "") return "must end with a path: machines append /v<version>/… to it";
  return hostname.startsWith("[")
    ? "is IPv6, which members do not speak; name an IPv4 address or a host"
    : undefined;
}
