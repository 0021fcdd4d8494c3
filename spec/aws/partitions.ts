/**
 * AWS' partitions: each has ARNs, domains and some names of its own. Regions and DNS suffixes are those of
 * botocore's partitions.json; names of endpoint services those of `aws ec2 describe-vpc-endpoint-services`, as
 * AWS' CDK lists them (aws-ec2/lib/vpc-endpoint.ts).
 */
export interface Partition {
  /** What stands behind `arn:`. */
  readonly id: "aws" | "aws-cn" | "aws-us-gov" | "aws-eusc";
  readonly name: string;
  readonly regions: RegExp;
  readonly dnsSuffix: string;
  readonly reverseDnsPrefix: string;
  /** Services whose VPC endpoints bear the partition's own prefix; those of all others begin with com.amazonaws. */
  readonly ownEndpoints: readonly string[];
  /** Services whose principals bear the partition's own suffix; those of all others end with amazonaws.com. */
  readonly ownPrincipals: readonly string[];
}

export const partitions: readonly Partition[] = [
  {
    id: "aws-cn",
    name: "China",
    regions: /^cn-[a-z]+-\d+$/,
    dnsSuffix: "amazonaws.com.cn",
    reverseDnsPrefix: "cn.com.amazonaws",
    ownEndpoints: ["monitoring", "s3"],
    ownPrincipals: ["ec2"],
  },
  {
    id: "aws-us-gov",
    name: "GovCloud",
    regions: /^us-gov-[a-z]+-\d+$/,
    dnsSuffix: "amazonaws.com",
    reverseDnsPrefix: "com.amazonaws",
    ownEndpoints: [],
    ownPrincipals: [],
  },
  {
    id: "aws-eusc",
    name: "the European Sovereign Cloud",
    regions: /^eusc-[a-z]+-[a-z]+-\d+$/,
    dnsSuffix: "amazonaws.eu",
    reverseDnsPrefix: "eu.amazonaws",
    ownEndpoints: [],
    ownPrincipals: [],
  },
  {
    id: "aws",
    name: "the commercial regions",
    regions: /^(us|eu|ap|sa|ca|me|af|il|mx)-[a-z]+-\d+$/,
    dnsSuffix: "amazonaws.com",
    reverseDnsPrefix: "com.amazonaws",
    ownEndpoints: [],
    ownPrincipals: [],
  },
];

/** The partition of a region; undefined of one that is known of none, as a mistyped one. */
export function findPartition(region: string): Partition | undefined {
  return partitions.find(({ regions }) => regions.test(region));
}

/**
 * The partition of a region that a declaration was checked for.
 * @throws RangeError for a region of none
 */
export function partitionOf(region: string): Partition {
  const partition = findPartition(region);
  if (partition === undefined) throw new RangeError(`${region} is a region of no partition known here`);
  return partition;
}

/** What a VPC endpoint for a service is made from, as `com.amazonaws.eu-central-1.ssm`. */
export function endpointServiceName(region: string, service: string): string {
  const { ownEndpoints, reverseDnsPrefix } = partitionOf(region);
  const prefix = ownEndpoints.includes(service) ? reverseDnsPrefix : "com.amazonaws";
  return `${prefix}.${region}.${service}`;
}

/** Whom a role's trust policy names, as `ec2.amazonaws.com`. */
export function servicePrincipal(region: string, service: "ec2" | "dlm"): string {
  const { ownPrincipals, dnsSuffix } = partitionOf(region);
  return `${service}.${ownPrincipals.includes(service) ? dnsSuffix : "amazonaws.com"}`;
}

/**
 * The region of a zone by its name: an Availability Zone (eu-central-1a), a Local Zone (us-west-2-lax-1a) or a
 * Wavelength Zone (us-east-1-wl1-bos-wlz-1); undefined if it is the name of none.
 * (https://docs.aws.amazon.com/global-infrastructure/latest/regions/aws-availability-zones.html)
 */
export function regionOfZone(zone: string): string | undefined {
  return /^([a-z]{2,}(?:-[a-z]+)+-\d+)(?:[a-z]|-[a-z]+-\d+[a-z]|-wl\d+-[a-z]+-wlz-\d+)$/.exec(zone)?.[1];
}

/** The region of a declaration that was checked: that of its subnets' zones. */
export function regionOf({
  network,
}: {
  network: { subnets: Readonly<Record<string, { zone: string }>> };
}): string {
  const [subnet] = Object.values(network.subnets);
  return regionOfZone(subnet!.zone)!;
}

/** Whether a zone is a Local or Wavelength Zone, which offer a part of what Availability Zones do. */
export function isEdgeZone(zone: string): boolean {
  const region = regionOfZone(zone);
  return region !== undefined && zone.startsWith(`${region}-`);
}

/** Partition, service, region, account and the rest of an ARN; undefined if it is none. */
export function parseArn(arn: string) {
  const parts = /^arn:(aws[a-z-]*):([a-z0-9-]+):([a-z0-9-]*):(\d{12})?:(.+)$/.exec(arn);
  if (parts === null) return undefined;
  const [, partition, service, region, account, resource] = parts;
  return { partition: partition!, service: service!, region: region!, account, resource: resource! };
}
