import { Analyzer, packDirectory } from "../../rehearsal/review/analyzer";
import { undecidedMark } from "../../policies/policy";
import { rules } from "../../policies/rules";
import { breaks } from "./breaks";
import { worlds, type World, type Worlds } from "./world";

// The pack runs as its own process and is asked over the Analyzer protocol.
let analyzer: Analyzer;
let fresh: Worlds["fresh"];
beforeAll(async () => {
  [{ fresh }, analyzer] = await Promise.all([worlds(), Analyzer.start(packDirectory)]);
});
afterAll(() => analyzer.stop());

/** Names of the rules that found something, sorted; and of those that could not decide. */
async function verdict(world: World): Promise<{ found: string[]; undecided: string[] }> {
  const found = new Set<string>();
  const undecided = new Set<string>();
  for (const { policy, message } of await analyzer.analyze(world.resources))
    (message.includes(undecidedMark) ? undecided : found).add(policy);
  return { found: [...found].sort(), undecided: [...undecided].sort() };
}

const kinds = [
  { of: "our components", components: true },
  { of: "plain AWS resources", components: false },
];

describe.each(kinds)("of $of", ({ components }) => {
  test("the production stack is found fault with by no rule, and every rule decides", async () => {
    expect(await verdict(fresh({ components, preview: false }))).toEqual({ found: [], undecided: [] });
  });

  test("its preview is found fault with by no rule", async () => {
    expect((await verdict(fresh({ components, preview: true }))).found).toEqual([]);
  });

  describe.each(breaks)("$title", ({ foundBy, foundInPreviewBy = foundBy, ...broken }) => {
    test.each([
      { when: "deployed", preview: false, expected: foundBy },
      { when: "in preview", preview: true, expected: foundInPreviewBy },
    ])("$when", async ({ preview, expected }) => {
      const world = fresh({ components, preview });
      broken.apply(world);
      expect((await verdict(world)).found).toEqual([...expected].sort());
    });
  });
});

test("every rule has at least two breaks that it finds", () => {
  const few = rules.filter(({ name }) => breaks.filter(({ foundBy }) => foundBy.includes(name)).length < 2);
  expect(few.map(({ name }) => name)).toEqual([]);
});

test("every mandatory rule finds a break in preview", () => {
  const silent = rules.filter(
    ({ name, level }) =>
      level === "mandatory" &&
      !breaks.some(({ foundBy, foundInPreviewBy = foundBy }) => foundInPreviewBy.includes(name)),
  );
  expect(silent.map(({ name }) => name)).toEqual([]);
});
