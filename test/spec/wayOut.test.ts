import { parseCluster } from "../../spec";
import { destinations, wayOutInWords } from "../../spec/wayOut";
import { declaration, specOf } from "../fixtures/declarations";

type Network = ReturnType<typeof declaration>["network"];

function declared(network: Partial<Network>, mirror?: string) {
  const found = declaration("prod");
  Object.assign(found.network, network);
  if (mirror !== undefined) found.mirror = mirror;
  // By http there must be one.
  found.checksums = { amd64: "0".repeat(64) };
  return found;
}

/** Where members get to, as `tcp 443 0.0.0.0/0`. */
const reach = (network: Partial<Network>, mirror?: string) =>
  destinations(specOf(declared(network, mirror))).flatMap(({ ipProtocol, port, ranges, prefixList }) =>
    [...ranges, ...(prefixList === undefined ? [] : [prefixList])].map((to) => `${ipProtocol} ${port} ${to}`),
  );

const problems = (network: Partial<Network>, mirror?: string) => {
  const parsed = parseCluster(declared(network, mirror));
  return "problems" in parsed ? parsed.problems.map(({ path, message }) => `${path}: ${message}`) : [];
};

const privately = (port: number) =>
  ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10"].map((range) => `tcp ${port} ${range}`);
const nat = { outbound: "nat-0123456789abcdef0" };

test.each(["nat-0123456789abcdef0", "tgw-0123456789abcdef0", "external"])(
  "by %s members reach https wherever the routes lead",
  (outbound) => expect(reach({ outbound })).toEqual(["tcp 443 0.0.0.0/0"]),
);

test("endpoints of this stack open their own way; those that are there lie in the VPC's ranges", () => {
  expect(reach({ outbound: "endpoints" })).toEqual([]);
  expect(reach({ outbound: "existingEndpoints" })).toEqual(privately(443));
  expect(reach({ outbound: "existingEndpoints", s3PrefixList: "pl-01234567" })).toEqual([
    ...privately(443),
    "tcp 443 pl-01234567",
  ]);
});

test.each<[string, Partial<Network>, string, string[]]>([
  [
    "by another port",
    nat,
    "https://artifacts.example.com:8443/etcd",
    ["tcp 443 0.0.0.0/0", "tcp 8443 0.0.0.0/0"],
  ],
  ["by http", nat, "http://artifacts.example.com/etcd", ["tcp 443 0.0.0.0/0", "tcp 80 0.0.0.0/0"]],
  ["by an address", nat, "http://10.9.9.9:8080/etcd", ["tcp 443 0.0.0.0/0", "tcp 8080 10.9.9.9/32"]],
  [
    "in a bucket of another region, by NAT",
    nat,
    "https://b.s3.us-east-1.amazonaws.com/etcd",
    ["tcp 443 0.0.0.0/0"],
  ],
  ["in the VPC, beside endpoints", {}, "http://mirror.etcd.internal/etcd", privately(80)],
  ["in the VPC by an address, beside endpoints", {}, "https://10.0.9.9:8443/etcd", ["tcp 8443 10.0.9.9/32"]],
  ["in a bucket of the region", {}, "https://b.s3.eu-central-1.amazonaws.com/etcd", []],
  ["in a bucket, by its path", {}, "https://s3.eu-central-1.amazonaws.com/b/etcd", []],
  ["at an endpoint's own name", {}, "https://b.vpce-1.s3.eu-central-1.vpce.amazonaws.com/etcd", []],
])("the way follows a mirror %s", (_, network, mirror, ways) => {
  expect(reach(network, mirror)).toEqual(ways);
});

test("DNS servers of the VPC's own are reached on 53, by UDP and TCP", () => {
  expect(reach({ outbound: "endpoints", dnsServers: ["10.0.0.53", "10.1.0.53"] })).toEqual([
    "udp 53 10.0.0.53/32",
    "udp 53 10.1.0.53/32",
    "tcp 53 10.0.0.53/32",
    "tcp 53 10.1.0.53/32",
  ]);
});

test.each<[string, Partial<Network>, string | undefined, RegExp]>([
  [
    "a bucket of another region",
    {},
    "https://b.s3.us-east-1.amazonaws.com/etcd",
    /^mirror: .* those of eu-central-1 answer for s3\.eu-central-1\.amazonaws\.com alone/,
  ],
  ["S3's global name", {}, "https://b.s3.amazonaws.com/etcd", /^mirror: .* is not in reach of endpoints/],
  [
    "a dual-stack name",
    {},
    "https://b.s3.dualstack.eu-central-1.amazonaws.com/etcd",
    /is not in reach of endpoints/,
  ],
  ["an accelerated name", {}, "https://b.s3-accelerate.amazonaws.com/etcd", /is not in reach of endpoints/],
  [
    "China's S3 from elsewhere",
    {},
    "https://b.s3.cn-north-1.amazonaws.com.cn/etcd",
    /is not in reach of endpoints/,
  ],
  [
    "the same with endpoints that are there",
    { outbound: "existingEndpoints" },
    "https://b.s3.eu-west-1.amazonaws.com/etcd",
    /is not in reach of endpoints/,
  ],
  [
    "http to an endpoint",
    {},
    "http://b.s3.eu-central-1.amazonaws.com/etcd",
    /^mirror: .* is not https, and endpoints take 443 alone/,
  ],
  [
    "a mirror with a password",
    nat,
    "https://me:secret@mirror.example.com/etcd",
    /^mirror: .* contains a user or password/,
  ],
  ["a mirror with a query", nat, "https://mirror.example.com/etcd?x=1", /^mirror: .* must end with a path/],
  ["a mirror by IPv6", nat, "https://[2a05::1]/etcd", /^mirror: .* is IPv6/],
  [
    "a way out that is none",
    { outbound: "igw-0123456789abcdef0" },
    undefined,
    /^network\.outbound: "igw-\w+" must be endpoints/,
  ],
  [
    "a prefix list without its endpoint",
    { ...nat, s3PrefixList: "pl-01234567" },
    undefined,
    /^network\.s3PrefixList: .* goes with outbound: existingEndpoints/,
  ],
  [
    "a DNS server by name",
    { dnsServers: ["dns.internal"] },
    undefined,
    /^network\.dnsServers\[0\]: "dns\.internal" must be an IPv4 address/,
  ],
])("%s is refused", (_, network, mirror, problem) => {
  expect(problems(network, mirror)).toEqual([expect.stringMatching(problem)]);
});

describe("by an http proxy", () => {
  const proxy = "http://10.0.0.8:3128";
  const bucket = "https://b.s3.eu-central-1.amazonaws.com/etcd";

  test.each<[string, Partial<Network>, string | undefined, string[]]>([
    ["by its address", { proxy }, undefined, ["tcp 3128 10.0.0.8/32"]],
    ["by its name", { proxy: "http://proxy.example.com:8080" }, undefined, privately(8080)],
    [
      "and a mirror behind it",
      { proxy },
      "https://artifacts.example.com:8443/etcd",
      ["tcp 3128 10.0.0.8/32"],
    ],
    ["and one in a bucket", { proxy }, bucket, ["tcp 3128 10.0.0.8/32"]],
    [
      "and a mirror nearby",
      { proxy },
      "https://10.9.9.9/etcd",
      ["tcp 3128 10.0.0.8/32", "tcp 443 10.9.9.9/32"],
    ],
    [
      "and one in the private zone",
      { proxy },
      "http://mirror.etcd.internal/etcd",
      ["tcp 3128 10.0.0.8/32", ...privately(80)],
    ],
    ["and a mirror in the same place", { proxy }, "http://10.0.0.8:3128/etcd", ["tcp 3128 10.0.0.8/32"]],
  ])("members reach it alone, %s", (_, network, mirror, expected) => {
    for (const outbound of ["external", "tgw-0123456789abcdef0"])
      expect(reach({ outbound, ...network }, mirror)).toEqual(expected);
  });

  test.each<[string, Partial<Network>, RegExp]>([
    ["over TLS", { proxy: "https://10.0.0.8:3128" }, /"https:.*" must be http:\/\/HOST:PORT, with/],
    ["without a port", { proxy: "http://10.0.0.8" }, /must be http:\/\/HOST:PORT/],
    ["of a port that is none", { proxy: "http://10.0.0.8:70000" }, /must be http:\/\/HOST:PORT/],
    ["with a password", { proxy: "http://a:b@10.0.0.8:3128" }, /holds a user or password.*by address/],
    [
      "beside endpoints",
      { proxy, outbound: "endpoints" },
      /would be asked for all that endpoints answer; leave/,
    ],
    ["beside endpoints that are there", { proxy, outbound: "existingEndpoints" }, /leave it out, or let/],
  ])("one %s is refused", (_, network, problem) => {
    const found = problems({ outbound: "external", ...network });
    expect(found).toEqual([expect.stringMatching(problem)]);
    expect(found[0]).toMatch(/^network\.proxy: /);
  });

  test("is told of beside the way that it stands on", () => {
    const words = wayOutInWords({ outbound: "external", proxy });
    expect(words).toBe(`routed outside this stack, by the proxy ${proxy}`);
  });

  test("one that members would ask for each other is refused", () => {
    const { subnets } = declaration("prod").network;
    const changed = {
      ...subnets,
      d: { ...subnets.c!, id: "subnet-0123456789abcdefd", range: "198.18.0.0/24" },
    };
    expect(problems({ outbound: "external", proxy, subnets: changed })).toEqual([
      expect.stringMatching(/^network\.proxy: .* for members in subnet d \(198\.18\.0\.0\/24\)/),
    ]);
  });
});
