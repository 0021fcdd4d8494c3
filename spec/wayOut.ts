import { partitionOf, regionOf } from "./aws/partitions";
import type { ClusterSpec } from "./clusterSpec";
import { endpointAnswersFor, mirrorAddress, mirrorPlace, mirrorPort } from "./mirror";
import { goesStraight, proxyPlace } from "./proxy";
import type { Problem } from "./rules";
import { contains, isAddress, privateRanges } from "./subnets";

const anywhere = ["0.0.0.0/0"] as const;

type RoutedSpec = Pick<ClusterSpec, "network" | "mirror">;

/** Something outside the cluster that members may reach. */
export interface Destination {
  /** What it is for. */
  purpose: string;
  ipProtocol: "tcp" | "udp";
  port: number;
  /** Ranges of addresses, or else the prefix list of a gateway endpoint. */
  ranges: readonly string[];
  prefixList?: string;
}

/** Whether the only way out is to endpoints, and not to the internet. */
export function endsAtEndpoints({ outbound }: Pick<ClusterSpec["network"], "outbound">): boolean {
  return outbound === "endpoints" || outbound === "existingEndpoints";
}

/** The way out in a few words. */
export function wayOutInWords({
  outbound,
  proxy,
}: Pick<ClusterSpec["network"], "outbound" | "proxy">): string {
  if (proxy !== undefined) return `${wayOutInWords({ outbound })}, by the proxy ${proxy}`;
  if (outbound === "endpoints") return "VPC endpoints";
  if (outbound === "existingEndpoints") return "VPC endpoints that are there already";
  if (outbound === "external") return "routed outside this stack";
  return `${outbound.startsWith("tgw-") ? "transit" : "NAT"} gateway ${outbound}`;
}

/**
 * What members may reach outside the cluster, beyond the endpoints that this stack makes: security groups name
 * ranges, not hosts, so a mirror by its name is reached wherever the way out ends.
 */
export function destinations({ network, mirror }: RoutedSpec): Destination[] {
  const { outbound, dnsServers, s3PrefixList } = network;
  const https = { ipProtocol: "tcp", port: 443, purpose: "https: AWS APIs and the etcd mirror" } as const;
  const found: Destination[] = [];
  if (outbound === "existingEndpoints") {
    found.push({ ...https, purpose: "https: VPC endpoints", ranges: privateRanges });
    if (s3PrefixList !== undefined)
      found.push({
        ...https,
        purpose: "https: the gateway endpoint of S3",
        ranges: [],
        prefixList: s3PrefixList,
      });
  } else if (network.proxy !== undefined) {
    found.push(...byProxy(network, network.proxy, mirror));
  } else if (outbound !== "endpoints") {
    found.push({ ...https, ranges: anywhere });
  }
  const port = mirrorPort({ mirror });
  const ends = endsAtEndpoints(network);
  if (network.proxy === undefined && (ends ? mirrorPlace({ mirror }) === "network" : port !== 443)) {
    const address = mirrorAddress({ mirror });
    const ranges = address === undefined ? (ends ? privateRanges : anywhere) : [`${address}/32`];
    // Endpoints that are there already are reached on 443 at the same ranges.
    if (outbound !== "existingEndpoints" || port !== 443)
      found.push({ ipProtocol: "tcp", port, purpose: "the etcd mirror", ranges });
  }
  for (const ipProtocol of ["udp", "tcp"] as const)
    if (dnsServers.length > 0)
      found.push({
        ipProtocol,
        port: 53,
        purpose: "DNS servers",
        ranges: dnsServers.map((each) => `${each}/32`),
      });
  return found;
}

/** The proxy, and a mirror that machines ask without it. What the settings name by a name is taken to be near. */
function byProxy(network: ClusterSpec["network"], proxy: string, mirror: string): Destination[] {
  const near = (host: string) => (isAddress(host) ? [`${host}/32`] : privateRanges);
  const { host, port } = proxyPlace(proxy);
  const found: Destination[] = [{ ipProtocol: "tcp", port, purpose: "the http proxy", ranges: near(host) }];
  const { hostname } = new URL(mirror);
  const straight = { port: mirrorPort({ mirror }), ranges: near(hostname) };
  // AWS takes a rule once.
  if (goesStraight(network, hostname) && (straight.port !== port || straight.ranges[0] !== near(host)[0]))
    found.push({ ipProtocol: "tcp", purpose: "the etcd mirror", ...straight });
  return found;
}

/** A proxy that members would ask for each other, or for what endpoints answer. */
function proxyProblems({ proxy, subnets, outbound }: ClusterSpec["network"]): Problem[] {
  if (proxy === undefined) return [];
  const path = "network.proxy";
  if (endsAtEndpoints({ outbound })) {
    const message = `${proxy} would be asked for all that endpoints answer; leave it out, or let network.outbound name the way that it stands on (external, nat-…, tgw-…)`;
    return [{ path, message }];
  }
  return Object.entries(subnets)
    .filter(([, { range }]) => !privateRanges.some((each) => contains(each, range.split("/")[0]!)))
    .map(([name, { range }]) => ({
      path,
      message: `${proxy} would be asked for members in subnet ${name} (${range}); machines ask none for ${privateRanges.join(", ")} alone: leave it out, or take subnets in these ranges`,
    }));
}

/** A mirror that the declared way out does not lead to. */
export function wayOutProblems(spec: RoutedSpec): Problem[] {
  const { network, mirror } = spec;
  const { outbound, s3PrefixList } = network;
  const found = proxyProblems(network);
  if (s3PrefixList !== undefined && outbound !== "existingEndpoints") {
    const message = `${s3PrefixList} opens the way to a gateway endpoint that the VPC has already; it goes with outbound: existingEndpoints`;
    found.push({ path: "network.s3PrefixList", message });
  }
  if (!endsAtEndpoints(network) || mirrorPlace(spec) !== "s3") return found;
  const region = regionOf(spec);
  const { dnsSuffix } = partitionOf(region);
  if (!endpointAnswersFor(spec, region, dnsSuffix)) {
    const message = `${mirror} is not in reach of endpoints: those of ${region} answer for s3.${region}.${dnsSuffix} alone; name a bucket of the region, as https://BUCKET.s3.${region}.${dnsSuffix}/…, or another network.outbound`;
    found.push({ path: "mirror", message });
  } else if (mirrorPort(spec) !== 443) {
    found.push({
      path: "mirror",
      message: `${mirror} is not https, and endpoints take 443 alone; write https://`,
    });
  }
  return found;
}
