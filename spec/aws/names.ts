/** AWS' rules for names made from a cluster's name, beyond those of a DNS label. */

interface NameRule {
  /** What AWS calls the thing, and the name that it would get. */
  readonly of: string;
  readonly named: (cluster: string) => string;
  readonly forbiddenStart: readonly string[];
  readonly longest: number;
}

/**
 * Pulumi appends a hyphen and seven hexadecimal digits to the names it makes; the provider appends 26 digits to
 * prefixes.
 */
export const suffix = { pulumi: 8, provider: 26 };

export const nameRules: readonly NameRule[] = [
  {
    // https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateLoadBalancer.html
    of: "a load balancer's name",
    named: (cluster) => `${cluster}-etcd`,
    forbiddenStart: ["internal-"],
    longest: 32,
  },
  {
    // https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateSecurityGroup.html
    of: "a security group's name",
    named: (cluster) => `${cluster}-endpoints-`,
    forbiddenStart: ["sg-"],
    longest: 255 - suffix.pulumi,
  },
  {
    // https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
    of: "a bucket's name",
    named: (cluster) => `${cluster}-etcd-backups-`,
    forbiddenStart: ["xn--", "sthree-", "amzn-s3-demo-"],
    longest: 63 - suffix.provider,
  },
];

/** Which of AWS' rules a cluster's name breaks. */
export function clusterNameProblems(cluster: string): string[] {
  return nameRules.flatMap(({ of, named, forbiddenStart, longest }) => {
    const name = named(cluster);
    const start = forbiddenStart.find((each) => name.startsWith(each));
    const found: string[] = [];
    if (start !== undefined)
      found.push(`makes ${name}, and ${of} must not begin with "${start}" (AWS); choose another name`);
    if (name.length > longest)
      found.push(`makes ${name}, and ${of} has room for ${longest} characters (AWS); shorten it`);
    return found;
  });
}

/** RFC 1035: 63 characters a label, 253 in all. */
export function dnsNameProblem(name: string): string | undefined {
  const long = name.split(".").find((label) => label.length > 63);
  if (long !== undefined)
    return `${name}: DNS takes 63 characters between two dots, "${long}" has ${long.length}`;
  return name.length > 253 ? `${name}: DNS takes 253 characters, it has ${name.length}` : undefined;
}
