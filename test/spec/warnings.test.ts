import { warnings } from "../../spec/warnings";
import type { ClusterDeclaration } from "../../spec";
import { declaration, specOf } from "../fixtures/declarations";

const about = (setting: string, change: (declared: ClusterDeclaration) => void = () => undefined) => {
  const declared = declaration("prod");
  change(declared);
  return warnings(specOf(declared)).filter((warning) => warning.startsWith(`${setting}:`));
};

test("three members in production are warned of, five are not", () => {
  expect(about("members", (declared) => declared.members.splice(3))).toHaveLength(1);
  expect(about("members")).toEqual([]);
});

test("a version with a known hole is warned of", () => {
  expect(about("version", (declared) => (declared.version = "3.6.12"))).toEqual([
    expect.stringContaining("3.6.14"),
  ]);
  expect(about("version")).toEqual([]);
});

test("production without protection from deletion is warned of", () => {
  expect(about("deletionProtection", (declared) => (declared.deletionProtection = false))).toHaveLength(1);
  expect(about("deletionProtection")).toEqual([]);
});

test("a backup that is rarely fresh enough for a change of version is warned of", () => {
  const interval = (minutes: number) => (declared: ClusterDeclaration) =>
    (declared.backups = { interval: minutes });
  expect(about("backups.freshWithin", interval(120))).toHaveLength(1);
  expect(about("backups.freshWithin", interval(60))).toEqual([]);
});

test("requests larger than etcd's own client sends are warned of", () => {
  const bytes = (maxRequestBytes: number) => (declared: ClusterDeclaration) => {
    declared.maxRequestBytes = maxRequestBytes;
  };
  expect(about("maxRequestBytes", bytes(4_194_304))).toEqual([expect.stringContaining("2097152 at most")]);
  expect(about("maxRequestBytes", bytes(2_097_152))).toEqual([]);
});

test("production without alarms is warned of", () => {
  expect(about("alarms", (declared) => delete declared.alarms)).toHaveLength(1);
  expect(about("alarms")).toEqual([]);
});

test("that machines of production refuse what no checksum vouches for is warned of, a pinned one ends it", () => {
  expect(about("checksums.amd64")).toHaveLength(1);
  expect(about("checksums.amd64", (declared) => (declared.checksums = { amd64: "0".repeat(64) }))).toEqual(
    [],
  );
});

test("a mirror that VPC endpoints do not reach is warned of", () => {
  const mirrors = (mirror: string | undefined, outbound = "endpoints") =>
    about("mirror", (declared) => {
      declared.mirror = mirror;
      declared.checksums = { amd64: "0".repeat(64) };
      declared.network.outbound = outbound;
    });
  expect(mirrors(undefined)).toEqual([expect.stringContaining("name a mirror in S3 or inside the VPC")]);
  expect(mirrors("https://github.com/else/where")).toHaveLength(1);
  expect(mirrors(undefined, "nat-0123456789abcdef0")).toEqual([]);
  for (const mirror of [
    "https://etcd-mirror.s3.eu-central-1.amazonaws.com/etcd",
    "https://s3.eu-central-1.amazonaws.com/etcd-mirror",
    "http://mirror.etcd.internal:8080/etcd",
    "https://10.0.9.9/etcd",
  ])
    expect(mirrors(mirror)).toEqual([]);
});

test("VPC endpoints are warned of, as they answer for the whole VPC", () => {
  expect(about("network.outbound")).toEqual([expect.stringContaining("vpc-0123456789abcdef0")]);
  expect(
    about("network.outbound", (declared) => (declared.network.outbound = "nat-0123456789abcdef0")),
  ).toEqual([]);
});

test("packages that VPC endpoints do not lead to are warned of", () => {
  const installing = (outbound: string, install?: boolean) =>
    about("machine.install", (declared) => {
      declared.network.outbound = outbound;
      declared.machine.install = install;
    });
  expect(installing("endpoints", true)).toEqual([expect.stringContaining("which are in S3")]);
  expect(installing("endpoints")).toEqual([]);
  expect(installing("nat-0123456789abcdef0", true)).toEqual([]);
});
