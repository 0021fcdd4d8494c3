import { spawn } from "node:child_process";
import { lstatSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { cpSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runCommand } from "../fixtures/commands";
import { root } from "../fixtures/declarations";

let directory: string;
beforeEach(() => (directory = mkdtempSync(join(tmpdir(), "output-"))));
afterEach(() => rmSync(directory, { recursive: true }));

const line = /^[^\n]+\n$/;

test("a device that is named for a picture is written to, and stays a device", async () => {
  const { code, stderr } = await runCommand("plan", ["--svg", "/dev/full"]);
  expect([code, stderr]).toEqual([
    1,
    "--svg /dev/full: cannot be written: ENOSPC: no space left on device, write\n",
  ]);
  expect(lstatSync("/dev/full").isCharacterDevice()).toBe(true);
});

test("a link is written through, and stays a link", async () => {
  const [link, target] = [join(directory, "link.svg"), join(directory, "target.svg")];
  symlinkSync(target, link);
  expect((await runCommand("plan", ["--svg", link])).code).toBe(0);
  expect(lstatSync(link).isSymbolicLink()).toBe(true);
  expect(readFileSync(target, "utf8")).toMatch(/^<svg/);
});

test.each([
  ["", ">/dev/full", "plan: the output cannot be written: ENOSPC: no space left on device, write\n"],
  ["", "| true", "plan: the output cannot be written: nobody reads it any more\n"],
  ["--help", ">/dev/full", "plan: the output cannot be written: ENOSPC: no space left on device, write\n"],
  ["--help", "| true", "plan: the output cannot be written: nobody reads it any more\n"],
])("output that goes nowhere (plan %s %s) is told in a line", async (option, where, said) => {
  const command = `node --require ./transpile.cjs commands/plan.ts ${option} ${where}; exit "\${PIPESTATUS[0]}"`;
  const child = spawn("bash", ["-c", command], { cwd: root, stdio: ["ignore", "ignore", "pipe"] });
  let stderr = "";
  child.stderr.setEncoding("utf8").on("data", (chunk: string) => (stderr += chunk));
  expect(await new Promise((resolve) => child.on("close", resolve))).toBe(1);
  expect(stderr).toBe(said);
});

const bomb = ["a0: &a0 [x,x,x,x,x,x,x,x,x,x]"];
for (let level = 1; level < 10; level++)
  bomb.push(
    `a${level}: &a${level} [${Array<string>(10)
      .fill(`*a${level - 1}`)
      .join(",")}]`,
  );

test.each([
  [
    "an anchor that holds itself",
    "config:\n  etcd-kubernetes:members: &a [*a]\n",
    /^Pulumi\.bad\.yaml:2: \*a: an anchor holds an alias of itself/,
  ],
  [
    "aliases of aliases",
    `${bomb.join("\n")}\nconfig: {}\n`,
    /^Pulumi\.bad\.yaml: is not YAML: one anchor may stand for 100 values at most/,
  ],
  [
    "three megabytes",
    `config:\n  x: ${"a".repeat(3_000_000)}\n`,
    /it has 3\d+ bytes, 1048576 at most are read/,
  ],
  [
    "more settings than Linux hands to a program",
    `config:\n  aws:region: eu-central-1\n  x: ${"a".repeat(200_000)}\n`,
    /^Pulumi\.bad\.yaml: config: has 200\d+ bytes; a program takes 131072 at most/,
  ],
  ["lists within lists", `config: ${"[".repeat(100_000)}\n`, /values within values have no end/],
])("a stack file of %s is refused in a line", async (_, content, said) => {
  cpSync(join(root, "Pulumi.yaml"), join(directory, "Pulumi.yaml"));
  writeFileSync(join(directory, "Pulumi.bad.yaml"), content);
  const { code, stderr } = await runCommand("plan", ["--stack", "bad"], directory);
  expect(code).toBe(2);
  expect(stderr).toMatch(said);
  expect(stderr).toMatch(line);
});
