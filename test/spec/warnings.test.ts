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

test("a mirror that machines would have to trust is warned of, a pinned checksum ends it", () => {
  expect(about("checksums.amd64")).toHaveLength(1);
  expect(about("checksums.amd64", (declared) => (declared.checksums = { amd64: "0".repeat(64) }))).toEqual(
    [],
  );
});

test("settings that nothing carries out yet say so", () => {
  expect(
    about("restore", (declared) => (declared.restore = { snapshot: "latest", generation: 2 })),
  ).toHaveLength(1);
  expect(about("discovery", (declared) => (declared.discovery = "dns"))).toHaveLength(1);
  expect([...about("restore"), ...about("discovery")]).toEqual([]);
});
