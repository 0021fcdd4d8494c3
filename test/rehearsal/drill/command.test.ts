import { scenarios } from "../../../rehearsal/drill/scenarios";
import { runCommand } from "../../fixtures/commands";

test("drills have names of their own, and a line on what they prove", () => {
  const names = scenarios.map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
  for (const { name, title } of scenarios) {
    expect(name).toMatch(/^[a-z0-9-]+$/);
    expect(title).not.toBe("");
  }
});

test("drills that share a world declare nothing of their own", () => {
  const shared = scenarios.filter(({ sharesWorld }) => sharesWorld);
  expect(shared.length).toBeGreaterThan(1);
  for (const { settings, versions } of shared) expect([settings, versions]).toEqual([undefined, undefined]);
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
