import { incarnationKey, incarnationKeys } from "../../contract/paths";
import { readRecord, readValue } from "../../contract/read";
import { backupRequest, statusSchema } from "../../contract/schemas";
import { printable } from "../../text/printable";
import { hostile, samples, variants } from "./samples";

const key = "/etcd/prod/incarnations/key/status/member1";
const [, status] = samples.status;
const read = (changed: object) => readRecord(statusSchema, key, JSON.stringify({ ...status, ...changed }));

test.each(Object.entries(samples))("a %s as it should be is read as it is", (_, [schema, sample]) => {
  expect(readRecord(schema, key, JSON.stringify(sample))).toEqual({ value: sample });
});

test.each(Object.entries(samples))(
  "of a broken %s the key is named, and no line is of its writer's",
  (_, [schema, sample]) => {
    const problems = variants(sample)
      .map((each) => readRecord(schema, key, JSON.stringify(each)).problem)
      .filter((problem) => problem !== undefined);
    expect(problems.length).toBeGreaterThan(100);
    for (const problem of problems) {
      expect(problem.startsWith(`${key}: `)).toBe(true);
      expect(problem).toBe(printable(problem));
      expect(problem.length).toBeLessThan(400);
    }
  },
);

test.each<[string, object, string]>([
  [
    "a number out of all bounds",
    { generation: 1e308 },
    "generation 1e+308 must be a whole number from 0 to 999",
  ],
  ["more voters than there can be", { voters: 1e9 }, "voters 1000000000 must be a whole number from 0 to 99"],
  ["a text for a number", { voters: "x" }, 'voters "x" must be of type number'],
  [
    "another member's name for a path",
    { member: "../x" },
    'member "../x" must be a DNS label such as member1, 63 characters at most',
  ],
  ["what is missing", { time: undefined }, "time is missing"],
  [
    "a part of a list",
    { oldData: ["1", ".."] },
    'oldData[1] ".." must be a directory\'s name, 64 characters at most',
  ],
  ["a version of later", { version: 2 }, "version 2 must be one of 1"],
])("names %s", (_, changed, problem) => {
  expect(read(changed)).toEqual({ problem: `${key}: ${problem}` });
});

test.each(["null", "3", '"x"', "[]", "{", "", '{"member":"member1"}', `"${"x".repeat(9000)}"`])(
  "%.20s is no record, and none that throws",
  (text) => expect(readRecord(statusSchema, key, text).problem).toMatch(/^\/etcd\/prod.*: /),
);

test("a record of before there was a version is read, its etcd's version under its name of today", () => {
  const { version, etcdVersion, ...rest } = status;
  const old = { ...rest, version: etcdVersion };
  expect(readRecord(statusSchema, key, JSON.stringify(old)).value).toEqual({ ...rest, version, etcdVersion });
});

test("what jq writes as null is not there", () => {
  const [schema, sample] = samples.manifest;
  const { value } = readRecord(schema, key, JSON.stringify({ ...sample, versionId: null }));
  expect(value).toEqual({ ...sample, versionId: undefined });
});

test("a message is of one line and of nothing but text", () => {
  const message = "a\u001b[2Jb\u001b]0;title\u0007c\r\n::error::d\u009b1me\u202ef\u200bg\u0000h";
  expect(read({ message }).value?.message).toBe("abc ::error::defg h");
});

test("a mark of one word is held to its form", () => {
  expect(readValue(backupRequest, "k", "2026-11-24T22:00:00Z")).toEqual({ value: "2026-11-24T22:00:00Z" });
  for (const each of hostile) expect(readValue(backupRequest, "k", each).problem).toMatch(/^k: /);
});

test("keys are told apart, and those of nobody are of nobody", () => {
  const keys = incarnationKeys("prod", "key");
  const of = (each: string) => incarnationKey(keys.path, each);
  expect(of(keys.status("member1"))).toEqual({ kind: "status", member: "member1" });
  expect(of(keys.generation(12))).toEqual({ kind: "generation", generation: 12 });
  expect(of(keys.started(1, "m"))).toEqual({ kind: "started", generation: 1, member: "m" });
  expect(of(keys.verified(1, "m"))).toEqual({ kind: "verified", generation: 1, member: "m" });
  expect(of(keys.backupRequest)).toEqual({ kind: "backupRequest" });
  for (const each of [
    "generations/0",
    "generations/1e3",
    "generations/1000",
    "generations/01",
    "status/a/b",
    "status/A",
    "x",
  ])
    expect(of(`${keys.path}/${each}`)).toBeUndefined();
  expect(of("/etcd/other/incarnations/key/status/member1")).toBeUndefined();
});
