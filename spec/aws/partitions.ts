/**
 * AWS' partitions. Each has its own ARNs, domains and some service names. Regions and DNS suffixes come from botocore's
 * partitions.json, names of endpoint services from `aws ec2 describe-vpc-endpoint-services`, as AWS' CDK lists them
 * (aws-ec2/lib/vpc-endpoint.ts).
 */
export interface Partition {
  /** The part after `arn:`. */
  readonly id: "aws" | "aws-cn" | "aws-us-gov" | "aws-eusc";
  readonly name: string;
  readonly regions: RegExp;
  readonly dnsSuffix: string;
  readonly reverseDnsPrefix: string;
  /** Services whose VPC endpoints have the partition's own prefix; all others begin with com.amazonaws. */
  readonly ownEndpoints: readonly string[];
  /** Services whose principals have the partition's own suffix; all others end with amazonaws.com. */
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

/** The partition of a region; undefined if none is known for it, for example because it is mistyped. */
export function findPartition(region: string): Partition | undefined {
  return partitions.find(({ regions }) => regions.test(region));
}

/**
 * The partition of a region in a checked declaration.
 * @throws RangeError if none is known for it
 */
export function partitionOf(region: string): Partition {
  const partition = findPartition(region);
  if (partition === undefined) throw new RangeError(`${region} is in no partition known here`);
  return partition;
}

/** The service name that a VPC endpoint is made from, such as `com.amazonaws.eu-central-1.ssm`. */
export function endpointServiceName(region: string, service: string): string {
  const { ownEndpoints, reverseDnsPrefix } = partitionOf(region);
  const prefix = ownEndpoints.includes(service) ? reverseDnsPrefix : "com.amazonaws";
  return `${prefix}.${region}.${service}`;
}

/** The principal that a role's trust policy names, such as `ec2.amazonaws.com`. */
export function servicePrincipal(region: string, service: "ec2" | "dlm"): string {
  const { ownPrincipals, dnsSuffix } = partitionOf(region);
  return `${service}.${ownPrincipals.includes(service) ? dnsSuffix : "amazonaws.com"}`;
}

/**
 * The region of a zone by its name: an Availability Zone (eu-central-1a), a Local Zone (us-west-2-lax-1a) or a
 * Wavelength Zone (us-east-1-wl1-bos-wlz-1); undefined if it names none.
 * (https://docs.aws.amazon.com/global-infrastructure/latest/regions/aws-availability-zones.html)
 */
export function regionOfZone(zone: string): string | undefined {
  return /^([a-z]{2,}(?:-[a-z]+)+-\d+)(?:[a-z]|-[a-z]+-\d+[a-z]|-wl\d+-[a-z]+-wlz-\d+)$/.exec(zone)?.[1];
}

/** The region of a checked declaration: that of its subnets' zones. */
export function regionOf({
  network,
}: {
  network: { subnets: Readonly<Record<string, { zone: string }>> };
}): string {
  const [subnet] = Object.values(network.subnets);
  return regionOfZone(subnet!.zone)!;
}

/** Whether a zone is a Local or Wavelength Zone, which offer only part of what Availability Zones do. */
export function isEdgeZone(zone: string): boolean {
  const region = regionOfZone(zone);
  return region !== undefined && zone.startsWith(`${region}-`);
}

/** Partition, service, region, account and the rest of an ARN; undefined if the text is not one. */
export function parseArn(arn: string) {
  const parts = /^arn:(aws[a-z-]*):([a-z0-9-]+):([a-z0-9-]*):(\d{12})?:(.+)$/.exec(arn);
  if (parts === null) return undefined;
  const [, partition, service, region, account, resource] = parts;
  return { partition: partition!, service: service!, region: region!, account, resource: resource! };
}
