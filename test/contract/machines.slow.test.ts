import { spawnSync } from "node:child_process";
import { join } from "node:path";
import fc from "fast-check";
import { differences } from "../../contract/follows";
import { readRecord } from "../../contract/read";
import type { FoundingRecord, GenerationRecord } from "../../contract/records";
import { root } from "../fixtures/declarations";
import { samples, variants } from "./samples";

// What machines read by jq, and Pulumi's side by zod.
const kinds = ["desired", "member", "founding", "generation", "manifest"] as const;

/** What contract.jq makes of each text: the record, or undefined where it refuses it. */
function byJq(kind: string, texts: readonly string[]): unknown[] {
  const program = `include "contract"; map([try {value: (fromjson | ${kind})} catch {}][0])`;
  const { stdout, stderr } = spawnSync("jq", ["-c", "-L", join(root, "machine", "scripts"), program], {
    input: JSON.stringify(texts),
    encoding: "utf8",
    maxBuffer: 1 << 28,
  });
  if (stdout === "") throw new Error(stderr);
  return (JSON.parse(stdout) as { value?: unknown }[]).map(({ value }) => value);
}

function agree(kind: (typeof kinds)[number], texts: readonly string[]): number {
  const there = byJq(kind, texts);
  const here = texts.map((text) => readRecord(samples[kind][0], kind, text));
  const plain = here.map(({ value }) =>
    value === undefined ? undefined : (JSON.parse(JSON.stringify(value)) as unknown),
  );
  const differing = texts.filter(
    (_, index) => JSON.stringify(sorted(plain[index])) !== JSON.stringify(sorted(there[index])),
  );
  expect(differing).toEqual([]);
  return plain.filter((value) => value !== undefined).length;
}

const sorted = (value: unknown): unknown =>
  value === null || typeof value !== "object" || Array.isArray(value)
    ? Array.isArray(value)
      ? value.map(sorted)
      : value
    : Object.fromEntries(
        Object.entries(value)
          .sort(([a], [b]) => (a < b ? -1 : 1))
          .map(([key, each]) => [key, sorted(each)]),
      );

test.each(kinds)("machine and program read the same %s, and refuse the same", (kind) => {
  const sample = samples[kind][1];
  const texts = variants(sample).map((each) => JSON.stringify(each));
  const accepted = agree(kind, [...texts, "", "{", "[1", "nil", `${JSON.stringify(sample)} {}`]);
  expect(accepted).toBeGreaterThan(0);
  expect(accepted).toBeLessThan(texts.length / 4);
});

test("a generation's record has no field beside its own", () => {
  const sample = samples.generation[1];
  const more = { url: "https://10.0.1.11:2380" };
  const texts = [
    { ...sample, ...more },
    { ...sample, members: [{ ...sample.members[0], address: "10.0.1.11" }] },
    { ...sample, restore: { ...sample.restore, ...more } },
  ].map((each) => JSON.stringify(each));
  expect(agree("generation", texts)).toBe(0);
  const { problem } = readRecord(samples.generation[0], "key", texts[0]!);
  expect(problem).toBe("key: url is nothing that stands there");
});

test("machine and program find the same differences from what is declared", () => {
  const founding = samples.founding[1];
  const record = samples.generation[1];
  const latest = { ...founding, snapshot: "latest", sha256: undefined, versionId: undefined };
  const pairs: [object, object, string[]][] = [
    [founding, record, []],
    [latest, record, []],
    [latest, { ...record, restore: { ...record.restore, bucket: "other" } }, ["snapshot"]],
    [latest, { ...record, restore: { ...record.restore, key: "elsewhere/x.db" } }, ["snapshot"]],
    [latest, { ...record, restore: undefined }, ["snapshot"]],
    [{ ...latest, snapshot: undefined }, record, ["snapshot"]],
    [founding, { ...record, token: "prod-1-x" }, ["token"]],
    [founding, { ...record, members: [...record.members, ...record.members] }, ["founders"]],
    [founding, { ...record, restore: { ...record.restore, key: "x.db" } }, ["snapshot"]],
    [founding, { ...record, restore: { ...record.restore, sha256: "1".repeat(64) } }, ["sha256"]],
    [founding, { ...record, restore: { ...record.restore, versionId: undefined } }, ["versionId"]],
    [founding, { ...record, restore: { ...record.restore, bump: 1 } }, ["bump"]],
    [founding, { ...record, restore: undefined }, ["snapshot", "sha256", "versionId"]],
  ];
  const names = (found: readonly string[]) => found.map((each) => each.split(" ")[0]);
  const program = `include "contract"; map(.[1] as $record | .[0] as $founding | $record | differences($founding; "backups"))`;
  const { stdout, stderr } = spawnSync("jq", ["-c", "-L", join(root, "machine", "scripts"), program], {
    input: JSON.stringify(pairs),
    encoding: "utf8",
  });
  if (stdout === "") throw new Error(stderr);
  const there = JSON.parse(stdout) as string[];
  pairs.forEach(([declared, found, expected], index) => {
    const here = differences(declared as FoundingRecord, found as GenerationRecord, "backups");
    expect(names(here)).toEqual(expected);
    expect(names(there[index] === "" ? [] : there[index]!.split("; "))).toEqual(expected);
  });
});

test.each(kinds)("the same of any texts and numbers in a %s", (kind) => {
  const sample = samples[kind][1];
  const value = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.string(),
    fc.integer(),
    fc.double({ noNaN: true }),
  );
  const changed = fc
    .tuple(fc.constantFrom(...Object.keys(sample)), value)
    .map(([key, other]) => JSON.stringify({ ...sample, [key]: other }));
  agree(kind, fc.sample(changed, { numRuns: 300, seed: 20261124 }));
});
