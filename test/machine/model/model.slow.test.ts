import { decisions, rule, rules } from "./decisions";
import { explore, settings, walk } from "./explore";
import { Broken, type Setting } from "./states";

// The way into a newer generation, explored: members go on as the rules in machine/scripts/decision.sh say, and everything
// else may happen at any time.

const decide = decisions();

test.each(settings)("$name: three members, every state", (setting) => {
  const states = explore(setting, decide);
  process.stdout.write(`${setting.name}: ${states} states\n`);
  expect(states).toBeGreaterThan(100);
});

test("five members, at random", () => {
  const all = [0, 1, 2, 3, 4];
  const founders = [all, all.slice(0, 3), all];
  const troubles = { crashes: 6, disks: 1, clients: 4, cut: true, stale: true };
  const setting: Setting = { name: "five", members: 5, founders, declared: [1, 2, 1, 3], ...troubles };
  const seed = Number(process.env.SEED ?? Date.now() % 1_000_000);
  process.stdout.write(`five members: seeds ${seed} to ${seed + 999}\n`);
  for (let each = 0; each < 1000; each++) {
    try {
      walk(setting, decide, seed + each, 150);
    } catch (problem) {
      throw new Error(`SEED=${seed + each}: ${(problem as Error).message}`, { cause: problem });
    }
  }
});

/** What no setting needs, and why. */
const secondLines: Record<string, string> = {
  "if is began; then echo go && return; fi": "who has started said before that it stopped",
  "if is declared no; then echo stay && return; fi": "goes_by has turned to what is declared by then",
  "if is stopped; then echo no && return; fi": "who is declared without founding is in none of the settings",
};

const needed = rules().filter((index) => !(rule(index) in secondLines));

test("no second line is listed that there is not", () => {
  expect(rules().length - needed.length).toBe(Object.keys(secondLines).length);
});

test.each(needed.map((index) => [rule(index), index] as const))("is missed: %s", (_, index) => {
  const without = decisions(index);
  const caught = settings.some((setting) => {
    try {
      explore(setting, without);
      return false;
    } catch (problem) {
      if (problem instanceof Broken) return true;
      throw problem;
    }
  });
  expect(caught).toBe(true);
});
