import { Analyzer, packDirectory } from "../../review/analyzer";
import { undecidedMark } from "../../policies/policy";
import { rules } from "../../policies/rules";
import { breaks } from "./breaks";
import { variants } from "./variants";
import { declarations, type Declared, type Declarations } from "./declared";

// The pack runs as its own process and is asked over the Analyzer protocol.
let analyzer: Analyzer;
let fresh: Declarations["fresh"];
let lean: Declarations["lean"];
beforeAll(async () => {
  [{ fresh, lean }, analyzer] = await Promise.all([declarations(), Analyzer.start(packDirectory)]);
});
beforeEach(() => analyzer.configure({}));
afterAll(() => analyzer.stop());

interface Names {
  /** Rules that found something. */
  found: string[];
  /** Mandatory rules that only warned. */
  warned: string[];
  undecided: string[];
}

const mandatory = new Set(rules.filter(({ level }) => level === "mandatory").map(({ name }) => name));

async function verdict(declared: Declared): Promise<Names> {
  const names = { found: new Set<string>(), warned: new Set<string>(), undecided: new Set<string>() };
  for (const { policy, message, level } of await analyzer.analyze(declared.resources)) {
    const warned = level === "advisory" && mandatory.has(policy);
    names[message.includes(undecidedMark) ? "undecided" : warned ? "warned" : "found"].add(policy);
  }
  const sorted = (set: Set<string>) => [...set].sort();
  return {
    found: sorted(names.found),
    warned: sorted(names.warned),
    undecided: sorted(names.undecided),
  };
}

const kinds = [
  { of: "our components", components: true },
  { of: "plain AWS resources", components: false },
];

describe.each(kinds)("of $of", ({ components }) => {
  test("the production stack is found fault with by no rule, and every rule decides", async () => {
    expect(await verdict(fresh({ components, preview: false }))).toEqual({
      found: [],
      warned: [],
      undecided: [],
    });
  });

  test("its preview is found fault with by no rule, and those that cannot decide yet say so", async () => {
    // Policies of roles and of the bucket name ARNs, which no one knows before a deployment.
    const undecided = ["etcd-backups", "etcd-least-privilege"];
    expect(await verdict(fresh({ components, preview: true }))).toEqual({ found: [], warned: [], undecided });
  });

  test.each(variants)("$title: no fault either", async ({ apply, undecidedBy = [] }) => {
    const declared = lean({ components, preview: false });
    apply(declared);
    const { found, warned, undecided } = await verdict(declared);
    expect({ found, warned, undecided }).toEqual({
      found: [],
      warned: [],
      undecided: [...undecidedBy].sort(),
    });
  });

  describe.each(breaks)("$title", (broken) => {
    const { warnedBy = [], config = {} } = broken;
    const foundBy = components ? broken.foundBy : (broken.plainFoundBy ?? broken.foundBy);
    const { foundInPreviewBy = foundBy } = broken;
    test.each([
      { when: "deployed", preview: false, expected: foundBy },
      { when: "in preview", preview: true, expected: foundInPreviewBy },
    ])("$when", async ({ preview, expected }) => {
      const declared = lean({ components, preview });
      broken.apply(declared);
      await analyzer.configure(config);
      const { found, warned } = await verdict(declared);
      expect({ found, warned }).toEqual({ found: [...expected].sort(), warned: [...warnedBy].sort() });
    });
  });
});

test("the production stack is found fault with by no rule when DNS founds it", async () => {
  const foundByDns = await declarations({ "etcd:discovery": "dns" });
  const declared = foundByDns.fresh({ components: true, preview: false });
  expect(declared.of("aws:route53/record:Record", /srv$/)).toHaveLength(2);
  expect(await verdict(declared)).toEqual({ found: [], warned: [], undecided: [] });
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
