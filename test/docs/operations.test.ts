import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { scenarios } from "../../drill/scenarios";
import { root } from "../fixtures/declarations";

const directory = join(root, "docs", "operations");
const runBooks = readdirSync(directory).filter((file) => file !== "README.md");
const overview = readFileSync(join(directory, "README.md"), "utf8");
const drills = scenarios.map(({ name }) => name);

const engineTests = readdirSync(join(root, "test", "engine"))
  .filter((file) => file.endsWith(".engine.ts"))
  .map((file) => `test/engine/${file}`);
const rehearsals = [...drills, ...engineTests];

/** Names in backquotes that could be a drill's, and paths of tests on the engine: no other paths, no commands. */
function named(text: string): string[] {
  return [...text.matchAll(/`([a-z0-9]+(?:-[a-z0-9]+)*|test\/engine\/[^`]+)`/g)].map(([, name]) => name!);
}

describe.each(runBooks)("the run-book %s", (file) => {
  const text = readFileSync(join(directory, file), "utf8");

  test("names rehearsals that there are", () => {
    const [, paragraph] = /\*\*Rehearsed by\*\*([^]*?)\n\n/.exec(text)!;
    const names = named(paragraph!);
    expect(names).not.toEqual([]);
    expect(rehearsals).toEqual(expect.arrayContaining(names));
  });

  test("says first how to know that it is needed", () => {
    expect(text).toMatch(/^# .+\n\n\*\*Needed when\*\*/);
  });

  test("stands in the overview, with rehearsals that there are", () => {
    const row = overview.split("\n").find((line) => line.startsWith("| [") && line.includes(`(${file})`));
    const names = named(row!.split("|")[3]!);
    expect(names).not.toEqual([]);
    expect(rehearsals).toEqual(expect.arrayContaining(names));
  });
});
