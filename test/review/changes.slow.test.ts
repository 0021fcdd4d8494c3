import { execFileSync } from "node:child_process";
import { copyFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Review } from "../../review/review";
import { runCommand } from "../fixtures/commands";
import { root } from "../fixtures/declarations";
import { copyProject } from "../../engine/project";

let home: string;
beforeAll(() => (home = mkdtempSync(join(tmpdir(), "changes-test-"))));
afterAll(() => rmSync(home, { recursive: true }));

const settings = readFileSync(join(root, "Pulumi.prod.yaml"), "utf8");

/** A stack file with something else in it. */
function otherwise(change: (text: string) => string): string {
  const changed = change(settings);
  expect(changed).not.toBe(settings);
  const file = join(home, "Pulumi.base.yaml");
  writeFileSync(file, changed);
  return file;
}

async function changesSince(base: string, ...args: string[]) {
  const { code, stdout, stderr } = await runCommand("review", ["--json", "--base", base, ...args]);
  expect([code, stderr]).toEqual([0, expect.any(String)]);
  return (JSON.parse(stdout) as Review).changes!;
}

test("a new etcd version replaces the five machines one at a time and nothing else", async () => {
  const page = join(home, "review.html");
  const base = otherwise((text) => text.replace(/etcd:version: .*/, 'etcd:version: "3.6.14"'));
  const changes = await changesSince(base, "--html", page);
  expect(changes).toMatchObject({ added: [], removed: [] });
  expect(changes.settings).toEqual([expect.stringContaining("version")]);
  expect(changes.replaced.map((line) => line.split(":")[0])).toEqual(
    [1, 2, 3, 4, 5].map((number) => `Instance prod-member${number}`),
  );
  expect(changes.roll).toMatch(/^5 machines are replaced one at a time/);

  const html = readFileSync(page, "utf8");
  for (const part of [
    "10.0.3.11",
    "eu-central-1c",
    "etcd-odd-member-count",
    "--etcd-servers=",
    changes.roll!,
  ])
    expect(html.includes(part) || part).toBe(true);
  expect(html).not.toMatch(/PRIVATE KEY|<script|<link|src=|url\(/);
});

test("a revision of git is what the program was then", async () => {
  const project = join(home, "project");
  copyProject(project);
  writeFileSync(join(project, ".gitignore"), "node_modules\n");
  const author = ["-c", "user.name=test", "-c", "user.email=test@example.org"];
  for (const args of [
    ["init", "-q"],
    ["add", "-A"],
    [...author, "commit", "-q", "-m", "then"],
  ])
    execFileSync("git", args, { cwd: project });
  writeFileSync(join(project, "Pulumi.prod.yaml"), settings.replace("size: medium", "size: large"));
  const run = join(project, "machine", "scripts", "run");
  writeFileSync(run, readFileSync(run, "utf8").replace("sleep 5", "sleep 7"));

  const { code, stdout } = await runCommand("review", ["--json", "--base", "HEAD"], project);
  const { changes } = JSON.parse(stdout) as Review;
  expect([code, changes!.settings]).toEqual([0, ['size: "medium" → "large"']]);
  expect(changes!.changed).toContain("Volume prod-member1: iops, size, throughput");
  // etcd's quota is a flag in the user data, which follows the size.
  expect(changes!.roll).toMatch(/one at a time/);
  // Programs are shown file by file, not as the parameters that hold their archive.
  expect(changes!.programs).toEqual([{ file: "run", added: 1, removed: 1, hunks: [expect.any(String)] }]);
  expect(changes!.programs[0]!.hunks[0]).toMatch(/^-.*sleep 5.*\n\+.*sleep 7/m);
  expect([changes!.added, changes!.removed]).toEqual([[], []]);
  const page = join(home, "programs.html");
  const markdown = await runCommand(
    "review",
    ["--base", "HEAD", "--html", page, "--markdown", `${page}.md`],
    project,
  );
  for (const text of [markdown.stdout, readFileSync(page, "utf8"), readFileSync(`${page}.md`, "utf8")])
    expect(text.includes("run (+1 -1)") && text.includes("sleep 7; do")).toBe(true);
  expect(readdirSync(tmpdir()).filter((name) => name.startsWith("etcd-review-"))).toEqual([]);
});

describe("CAs", () => {
  const pki = (uses: string) => `  etcd:pki: { authorities: { peer: ${uses} } }\n`;
  const reviewed = async (before: string) => {
    const base = otherwise((text) => text + pki(before));
    const { code, stdout } = await runCommand("review", ["--json", "--base", base]);
    const { verdicts, changes } = JSON.parse(stdout) as Review;
    return { code, changes, verdict: verdicts.find(({ rule }) => rule === "etcd-authorities-step")! };
  };

  test("a step back from two that are trusted is one step, and shows what is no longer made", async () => {
    const { code, verdict, changes } = await reviewed("{ trusted: [1, 2], issuer: 1 }");
    expect([code, verdict.result]).toEqual([0, "ok"]);
    expect(changes!.removed).toEqual(["PrivateKey prod-peer-ca-2", "SelfSignedCert prod-peer-ca-2"]);
    expect(changes!.changed).toEqual([]);
  });

  test("a change of two things at once is refused", async () => {
    const { code, verdict } = await reviewed("{ trusted: [1, 2], issuer: 2 }");
    expect([code, verdict.result]).toEqual([1, "refused"]);
    expect(verdict.findings[0]!.message).toMatch(
      /^pki\.authorities\.peer: \{ trusted: \[1, 2\], issuer: 2 \} → \{ trusted: \[1\], issuer: 1 \} changes two/,
    );
  });
});

test("two more members are added, the others stay as they are", async () => {
  const base = otherwise((text) => text.replace(/^ +- \{ name: member[45].*\n/gm, ""));
  const changes = await changesSince(base);
  expect(changes.added).toEqual(
    expect.arrayContaining([
      "Instance prod-member4",
      "Instance prod-member5",
      "Volume prod-member4",
      "Volume prod-member5",
    ]),
  );
  expect([changes.removed, changes.replaced]).toEqual([[], []]);
});

test.each([
  ["a base that does not exist", () => ["--base", "no-such-revision"], /--base no-such-revision: is neither/],
  ["a base that is a directory", () => ["--base", home], /--base .*: cannot be read: EISDIR/],
  ["a base that looks like an option", () => ["--base=--output=x"], /is neither a file nor a revision/],
  [
    "a base with settings that are refused",
    () => ["--base", otherwise((text) => text.replace(/etcd:version: .*/, 'etcd:version: "3.4.0"'))],
    /etcd:version/,
  ],
  [
    "a base beside an export",
    () => {
      copyFileSync(join(root, "package.json"), join(home, "state.json"));
      return ["--state", join(home, "state.json"), "--base", "HEAD"];
    },
    /--base/,
  ],
  ["a page that cannot be written", () => ["--html", join(home, "no", "page.html")], /--html/],
] as const)("%s is wrong usage", async (_, args, says) => {
  const { code, stdout, stderr } = await runCommand("review", [...args()]);
  expect([code, stdout]).toEqual([2, ""]);
  expect(stderr).toMatch(says);
});
