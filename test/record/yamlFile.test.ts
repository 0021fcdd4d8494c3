import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SettingsError } from "../../record/settingsError";
import { readYamlMap } from "../../record/yamlFile";

let directory: string;
beforeEach(() => (directory = mkdtempSync(join(tmpdir(), "yaml-"))));
afterEach(() => rmSync(directory, { recursive: true }));

function read(content: string): unknown {
  const file = join(directory, "file.yaml");
  writeFileSync(file, content);
  return readYamlMap(file);
}

const bomb = Array.from({ length: 9 }, (_, level) => {
  const inner = Array<string>(10).fill(level === 0 ? "x" : `*a${level - 1}`);
  return `a${level}: &a${level} [${inner.join(",")}]`;
}).join("\n");

test.each([
  ["a file with a byte order mark", "\uFEFFa: 1\n", { a: 1 }],
  ["lines that end as Windows' do", "a: x\r\nb:\r\n  - y\r\n", { a: "x", b: ["y"] }],
  ["an empty file", "", {}],
  ["JSON", '{"a": {"b": [1, "2", null, true]}}', { a: { b: [1, "2", null, true] } }],
  [
    "a merge key: what stands beside it wins, wherever it stands",
    "a: &a { x: 1, y: 1 }\nb: { y: 2, <<: *a }\nc: { <<: *a, y: 2 }\n",
    { a: { x: 1, y: 1 }, b: { x: 1, y: 2 }, c: { x: 1, y: 2 } },
  ],
  [
    "a merge key with several maps: the first wins",
    "a: &a { x: 1 }\nb: &b { x: 2, y: 2 }\nc:\n  <<: [*a, *b]\n",
    { a: { x: 1 }, b: { x: 2, y: 2 }, c: { x: 1, y: 2 } },
  ],
  ["a merge key in quotes, which is a key", 'a: { "<<": { x: 1 } }\n', { a: { "<<": { x: 1 } } }],
  [
    "words that YAML 1.1 took for truth",
    "a: [yes, on, No, true, TRUE]\n",
    { a: ["yes", "on", "No", true, true] },
  ],
  [
    "numbers as Go takes them",
    "a: [0777, 0o17, 0x1F, 0b101, -07, 1_000, 089, +5, 1e3, 3.10]\n",
    { a: [511, 15, 31, 5, -7, 1000, 89, 5, 1000, 3.1] },
  ],
  ["numbers beyond 2^53", "a: [9007199254740993, 1e20]\n", { a: [9007199254740993n, 1e20] }],
  ["texts that only look like numbers", "a: [3.6.16, 08:30, 1-2]\n", { a: ["3.6.16", "08:30", "1-2"] }],
  [
    "dates and times as Go prints them",
    "a: [2026-11-29, 2026-1-2T03:04:05.60Z, 2026-11-29T10:00:00+02:00, 2026-11-29 10:00:00, 2026-02-30, 2026-11-29T10:00:00]\n",
    {
      a: [
        "2026-11-29 00:00:00 +0000 UTC",
        "2026-01-02 03:04:05.6 +0000 UTC",
        "2026-11-29 10:00:00 +0200 +0200",
        "2026-11-29 10:00:00 +0000 UTC",
        "2026-02-30",
        "2026-11-29T10:00:00",
      ],
    },
  ],
  ["a key that JavaScript knows", "__proto__: { a: 1 }\n", Object.fromEntries([["__proto__", { a: 1 }]])],
])("%s is read as Pulumi's CLI reads it", (_, content, expected) => {
  expect(read(content)).toStrictEqual(expected);
});

test.each([
  ["what is not YAML", "a: 1\nb: [\n", /^file\.yaml:3: is not YAML: /],
  ["a list", "- a\n", /^file\.yaml:1: is not a YAML map$/],
  ["a key twice", "a: 1\na: 2\n", /^file\.yaml:2: a key stands twice: a$/],
  ["a key that is a number", "a:\n  1: x\n", /^file\.yaml:2: a key is a text: put 1 in quotes$/],
  ["a number without an end", "a: .inf\n", /^file\.yaml:1: a number has an end$/],
  ["an alias of nothing", "a: 1\nb: *c\n", /^file\.yaml:2: \*c: no such anchor stands before it$/],
  [
    "an anchor that holds itself",
    "a: &a\n  b: [*a]\n",
    /^file\.yaml:2: \*a: an anchor holds an alias of itself/,
  ],
  ["a merge of itself", "a: &a\n  <<: *a\n", /^file\.yaml:2: \*a: an anchor holds an alias of itself/],
  ["a merge of what is no map", "a: { <<: 1 }\n", /^file\.yaml: is not YAML: Merge sources must be maps/],
  ["aliases of aliases", bomb, /^file\.yaml: is not YAML: one anchor may stand for 100 values at most$/],
  [
    "a thousand and one aliases",
    `a: &a x\n${Array.from({ length: 1001 }, (_, index) => `b${index}: *a`).join("\n")}`,
    /^file\.yaml:1002: has more than 1000 aliases/,
  ],
  [
    "a hundred thousand lists in each other",
    `a: ${"[".repeat(100_000)}`,
    /^file\.yaml:1: values within values have no end$/,
  ],
  [
    "more than a mebibyte",
    `a: ${"x".repeat(1 << 20)}`,
    /^file\.yaml: cannot be read: it has 10485\d+ bytes, 1048576 at most/,
  ],
])("%s is refused in a line", (_, content, rule) => {
  expect(() => read(content)).toThrow(SettingsError);
  expect(() => read(content)).toThrow(rule);
});

test("many keys are read in no time", () => {
  const began = performance.now();
  read(Array.from({ length: 50_000 }, (_, index) => `a${index}: x`).join("\n"));
  expect(performance.now() - began).toBeLessThan(10_000);
});

test("a file that cannot be read is refused in a line", () => {
  expect(() => readYamlMap(join(directory, "none.yaml"))).toThrow(/^none\.yaml: cannot be read: ENOENT/);
  expect(() => readYamlMap(directory)).toThrow(/cannot be read: EISDIR/);
});
