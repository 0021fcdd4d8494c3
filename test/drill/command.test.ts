import type { Scenario } from "../../drill/harness/scenario";
import { scenarios } from "../../drill/scenarios";
import { runCommand } from "../fixtures/commands";

test("drills have names of their own, and a line on what they prove", () => {
  const names = scenarios.map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
  for (const { name, title } of scenarios) {
    expect(name).toMatch(/^[a-z0-9-]+$/);
    expect(title).not.toBe("");
  }
});

test("a drill that leaves its world is followed by one that goes on in it", () => {
  const world = ({ settings, release }: Scenario) => ({ settings, release });
  for (const [index, scenario] of scenarios.entries())
    if (scenario.leavesWorld) {
      const next = scenarios[index + 1]!;
      expect(world(next)).toEqual(world(scenario));
      expect(next.foundsCluster).toBeUndefined();
    }
});

test("--list lists them, for people and for programs", async () => {
  const text = await runCommand("drill", ["--list"]);
  expect(text.code).toBe(0);
  expect(text.stdout).toContain("founding ");
  const json = await runCommand("drill", ["--list", "--json"]);
  expect((JSON.parse(json.stdout) as { name: string }[]).map(({ name }) => name)).toEqual(
    scenarios.map(({ name }) => name),
  );
});

test("a drill that there is not ends with exit code 2, and names where to look", async () => {
  const { code, stderr } = await runCommand("drill", ["no-such"]);
  expect(code).toBe(2);
  expect(stderr).toMatch(/no drill no-such; npm run drill -- --list names them/);
});
