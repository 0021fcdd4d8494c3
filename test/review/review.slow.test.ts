import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { record } from "../../record";
import { loadStack } from "../../record/project";
import type { Recording } from "../../record/recording";
import type { Review } from "../../review/review";
import { ended, runCommand, startCommand } from "../fixtures/commands";
import { root } from "../fixtures/declarations";

let home: string;
beforeEach(() => (home = mkdtempSync(join(tmpdir(), "review-test-"))));
afterEach(() => rmSync(home, { recursive: true }));

/** A file of this test. */
function file(name: string, content: string): string {
  const path = join(home, name);
  writeFileSync(path, content);
  return path;
}

/** What `pulumi stack export` writes of a recording. */
function exported({ resources }: Recording): string {
  return JSON.stringify({
    version: 3,
    deployment: {
      resources: resources.map(({ options, ...resource }) => ({ ...resource, protect: options.protect })),
    },
  });
}

test("prod is accepted: exit 0, and each format tells the same", async () => {
  const [junit, markdown] = [join(home, "review.xml"), join(home, "review.md")];
  const args = ["--json", "--junit", junit, "--markdown", markdown];
  const { code, stdout } = await runCommand("review", args);
  const { ok, verdicts } = JSON.parse(stdout) as Review;
  expect([code, ok]).toEqual([0, true]);
  // No release's checksum stands in an example.
  const others = verdicts.filter(({ result }) => result !== "ok");
  expect(others.map(({ rule, result }) => [rule, result])).toEqual([["etcd-pinned-binaries", "advised"]]);
  expect(readFileSync(junit, "utf8").match(/<testcase /g)).toHaveLength(verdicts.length);
  for (const { rule } of verdicts) expect(readFileSync(markdown, "utf8")).toContain(rule);
  expect(readdirSync(home).sort()).toEqual(["review.md", "review.xml"]);
});

test("dev passes as testing", async () => {
  const { code, stdout } = await runCommand("review", ["--stack", "dev", "--json"]);
  expect([code, (JSON.parse(stdout) as Review).ok]).toEqual([0, true]);
});

test("an export is judged like its program, and dev's as production is refused", async () => {
  const recording = await record(loadStack(root, "dev"));
  const accepted = await runCommand("review", ["--state", file("dev.json", exported(recording)), "--json"]);
  expect(
    (JSON.parse(accepted.stdout) as Review).verdicts.filter(({ result }) => result === "refused"),
  ).toEqual([]);
  expect(accepted.code).toBe(0);

  const production = exported(recording).replaceAll('"testing"', '"production"');
  const junit = join(home, "review.xml");
  const refused = await runCommand("review", [
    "--state",
    file("prod.json", production),
    "--json",
    "--junit",
    junit,
  ]);
  const { verdicts } = JSON.parse(refused.stdout) as Review;
  const refusing = verdicts.filter(({ result }) => result === "refused").map(({ rule }) => rule);
  expect(refused.code).toBe(1);
  expect(refusing).toContain("etcd-production-member-count");
  expect(readFileSync(junit, "utf8").match(/<failure /g)).toHaveLength(refusing.length);
});

test("a stack without an etcd cluster is refused, and told what was looked for", async () => {
  const recording = await record(loadStack(root, "dev"));
  const untagged = {
    ...recording,
    resources: recording.resources.filter(({ type }) => !type.startsWith("etcd:")),
  };
  const state = file("untagged.json", exported(untagged).replaceAll('"etcd:cluster":', '"cluster":'));
  const { code, stdout } = await runCommand("review", ["--state", state, "--json"]);
  const { ok, verdicts } = JSON.parse(stdout) as Review;
  expect([code, ok]).toEqual([1, false]);
  const refusing = verdicts.filter(({ result }) => result === "refused");
  const names = refusing.map(({ rule }) => rule);
  expect(names.slice(0, 2)).toEqual(["etcd-cluster-found", "etcd-machines-tagged"]);
  expect(refusing[0]!.findings[0]!.message).toContain("aws:ec2/instance:Instance");
  expect(verdicts.filter(({ result }) => result === "ok")).toEqual([]);
});

describe("wrong usage ends with exit 2, one clear error and no file", () => {
  const config = (content: string) => () => ["--policy-config", file("config.json", content)];
  const state = (content: string) => () => ["--state", file("state.json", content)];
  const cases: { title: string; args: () => string[]; says: RegExp }[] = [
    { title: "an unknown rule", args: config('{"etcd-nope": "mandatory"}'), says: /etcd-nope: no such rule/ },
    {
      title: "a lower level",
      args: config('{"etcd-odd-member-count": "advisory"}'),
      says: /etcd-odd-member-count: enforcementLevel: "advisory"/,
    },
    {
      title: "a looser floor",
      args: config('{"etcd-backups": {"maxIntervalMinutes": 600}}'),
      says: /etcd-backups: maxIntervalMinutes: 600 must be at most 60; figures may only become stricter/,
    },
    {
      title: "an unknown setting",
      args: config('{"etcd-backups": {"nope": 1}}'),
      says: /etcd-backups: .*nope/,
    },
    { title: "a config that is no map", args: config("[1]"), says: /config\.json/ },
    {
      title: "a config that is not there",
      args: () => ["--policy-config", join(home, "no")],
      says: /no: cannot be read/,
    },
    { title: "a state that is no JSON", args: state("hello"), says: /is not JSON/ },
    { title: "a truncated state", args: state('{"version": 3, "deployment": {"resou'), says: /is not JSON/ },
    {
      title: "a state without resources",
      args: state('{"version": 3, "deployment": {"resources": []}}'),
      says: /holds no resources/,
    },
    {
      title: "a deployment without resources",
      args: state('{"version": 3, "deployment": {}}'),
      says: /holds no resources/,
    },
    { title: "a state that is null", args: state("null"), says: /received null/ },
    {
      title: "a state nested too deeply",
      args: state("[".repeat(200_000) + "]".repeat(200_000)),
      says: /nested deeper than 100/,
    },
    { title: "a state without a deployment", args: state("{}"), says: /holds no deployment/ },
    {
      title: "a path in a folder that is not there",
      args: () => ["--junit", join(home, "no", "x")],
      says: /--junit/,
    },
    { title: "a path that is a folder", args: () => ["--markdown", home], says: /--markdown/ },
    {
      title: "a stack that does not exist",
      args: () => ["--stack", "nope"],
      says: /stack "nope" does not exist/,
    },
  ];
  test.each(cases)("$title", async ({ args, says }) => {
    const given = args();
    const before = readdirSync(home);
    const { code, stdout, stderr } = await runCommand("review", given);
    expect([code, stdout]).toEqual([2, ""]);
    expect(stderr).toMatch(says);
    expect(stderr).not.toMatch(/\n\s+at /);
    expect(readdirSync(home)).toEqual(before);
  });

  test("settings that the program refuses", async () => {
    const settings = readFileSync(join(root, "Pulumi.prod.yaml"), "utf8");
    for (const part of ["Pulumi.yaml", "package.json"])
      writeFileSync(join(home, part), readFileSync(join(root, part)));
    file("Pulumi.prod.yaml", settings.replace(/version: .*/, 'version: "3.4.0"'));
    const program = readFileSync(join(home, "Pulumi.yaml"), "utf8");
    file("Pulumi.yaml", program.replace(/main: .*/, `main: ${join(root, "index.ts")}`));
    execFileSync("ln", ["-s", join(root, "node_modules"), join(home, "node_modules")]);
    const { code, stderr } = await runCommand("review", [], home);
    expect([code, stderr]).toEqual([2, expect.stringContaining("etcd:version")]);
  });
});

test("Ctrl-C ends the program and the pack, and writes nothing", async () => {
  const junit = join(home, "review.xml");
  const command = startCommand("review", ["--junit", junit]);
  const end = ended(command);
  command.stderr!.once("data", () => command.kill("SIGINT"));
  const { code, stdout, stderr } = await end;
  expect([code, stdout]).toEqual([1, ""]);
  expect(stderr).toContain("SIGINT");
  expect(readdirSync(home)).toEqual([]);
});
