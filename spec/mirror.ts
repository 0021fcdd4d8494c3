import { partitions } from "./aws/partitions";

/** Where a mirror is, seen from subnets whose only way out is VPC endpoints. */
export type MirrorPlace = "s3" | "internet" | "network";

/** The setting of that name, as specs and inputs have it. */
interface Mirror {
  mirror: string;
}

/** S3's host names in any form: with the bucket in the name or in the path, through an interface endpoint or not. */
const s3Host = new RegExp(
  `(^|\\.)s3([.-][a-z0-9.-]+)?\\.(${[...new Set(partitions.map(({ dnsSuffix }) => dnsSuffix.replaceAll(".", "\\.")))].join("|")})$`,
);

/**
 * Tells where a mirror is by its host name: in S3, which an endpoint reaches; at GitHub, which none reaches; otherwise
 * in the VPC or in a network routed to it, because nothing else is within reach.
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

/** A mirror's address, if its URL has one instead of a host name. */
export function mirrorAddress({ mirror }: Mirror): string | undefined {
  const { hostname } = new URL(mirror);
  return /^\d+(\.\d+){3}$/.test(hostname) ? hostname : undefined;
}

/**
 * Whether S3's endpoint in a region answers for the mirror. Private DNS makes it answer for s3.<region>, for names
 * below that, and for its own names; not for other regions, nor for dual-stack, FIPS, accelerated or global names
 * (https://docs.aws.amazon.com/AmazonS3/latest/userguide/privatelink-interface-endpoints.html).
 */
export function endpointAnswersFor({ mirror }: Mirror, region: string, dnsSuffix: string): boolean {
  const { hostname } = new URL(mirror);
  const names = [`s3.${region}.${dnsSuffix}`, `s3.${region}.vpce.${dnsSuffix}`];
  return names.some((name) => hostname === name || hostname.endsWith(`.${name}`));
}

/** What is wrong with a mirror's URL, whatever the way out. */
export function mirrorProblem(mirror: string): string | undefined {
  const { username, password, search, hash, hostname } = new URL(mirror);
  if (username !== "" || password !== "")
    return "contains a user or password, which user data would show to anyone who may describe the machine; admit the members by their addresses instead";
  if (search !== "" || hash !== "") return "must end with a path: machines append /v<version>/… to it";
  return hostname.startsWith("[")
    ? "is IPv6, which members do not speak; name an IPv4 address or a host"
    : undefined;
}
