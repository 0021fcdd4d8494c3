import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { record } from "../../../rehearsal/recorder";
import type { Recording } from "../../../rehearsal/recorder/recording";
import { root } from "../../fixtures/declarations";

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "lean-"));
  symlinkSync(join(root, "node_modules"), join(directory, "node_modules"));
  writeFileSync(join(directory, "package.json"), "{}");
});
afterEach(() => rmSync(directory, { recursive: true }));

/** Records a program of these lines. */
function recordProgram(...lines: string[]): Promise<Recording> {
  writeFileSync(
    join(directory, "index.ts"),
    ['import * as pulumi from "@pulumi/pulumi";', ...lines].join("\n"),
  );
  const config = { "aws:region": "eu-central-1" };
  return record({ directory, project: "lean", stack: "test", main: "index.ts", config });
}

test("what is put off is there when a program asks for it: a function becomes code", async () => {
  const { outputs } = await recordProgram(
    "const three: number = 3;",
    "export const code = pulumi.output(pulumi.runtime.serializeFunction(() => three + 1)).text;",
  );
  expect(outputs.code).toContain("three + 1");
  expect(outputs.code).toContain("three: 3");
});

test("what a program logs arrives, without the SDK's lines for debugging", async () => {
  const { logs } = await recordProgram(
    'new pulumi.ComponentResource("lean:index:Part", "part");',
    'void pulumi.log.info("made");',
    'void pulumi.log.warn("not yet");',
  );
  expect(logs.map(({ severity, message }) => [severity, message])).toEqual([
    ["info", "made"],
    ["warning", "not yet"],
  ]);
});

test("a program that fails is told with lines of its source", async () => {
  const failing = recordProgram("interface Gone {", "  a: string;", "}", 'throw new Error("no such thing");');
  await expect(failing).rejects.toThrow(/no such thing[^]*index\.ts.*:5:/);
});
