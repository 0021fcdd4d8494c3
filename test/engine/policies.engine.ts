import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Review } from "../../review/review";
import { runCommand } from "../fixtures/commands";
import type { Deployment } from "./deployment";
import { declared, withEngine } from "./engine";

withEngine("pulumi preview with the policy pack finds what the review finds", () => {
  let deployment: Deployment;
  beforeEach(async () => (deployment = await declared()));
  afterEach(() => deployment.end());

  /** Rules that object, with the level at which they do. */
  async function reviewed(...args: string[]): Promise<string[]> {
    const { stdout } = await runCommand("review", ["--json", ...args], deployment.project);
    const { verdicts } = JSON.parse(stdout) as Review;
    return verdicts.flatMap(({ rule, findings }) =>
      findings.map(({ kind }) => `${kind === "refused" ? "mandatory" : "advisory"} ${rule}`),
    );
  }

  test("of the stack as it is declared: nothing", async () => {
    const said = await deployment.succeed("preview", "--policy-pack", "policies");
    expect(objections(said)).toEqual([...new Set(await reviewed())].sort());
  });

  test("of a version with a known weakness: advice", async () => {
    deployment.declare((settings) => (settings.version = "3.6.13"));
    const said = await deployment.succeed("preview", "--policy-pack", "policies");
    expect(objections(said)).toContain("advisory etcd-minimum-version");
    expect(objections(said)).toEqual([...new Set(await reviewed())].sort());
  });

  test("of backups that a stricter pack finds too rare: it fails", async () => {
    const config = join(deployment.project, "strict.json");
    writeFileSync(config, JSON.stringify({ "etcd-backups": { maxIntervalMinutes: 5 } }));
    const pack = ["--policy-pack", "policies", "--policy-pack-config", config];
    const said = await deployment.fail("preview", ...pack);
    expect(objections(said)).toContain("mandatory etcd-backups");
    expect(objections(said)).toEqual([...new Set(await reviewed("--policy-config", config))].sort());
  });
});

/**
 * What the engine's report lists, as `- [mandatory]  etcd-backups  (…)` and its reason below, each rule once.
 * What a preview cannot decide is left out: the review runs the program as it will be deployed.
 */
function objections(said: string): string[] {
  const found = said.split(/^ +- (?=\[)/m).flatMap((entry) => {
    const [, level, rule] = /^\[(mandatory|advisory)\]\s+(etcd-\S+)/.exec(entry) ?? [];
    return level === undefined || entry.includes("not decided: ") ? [] : [`${level} ${rule}`];
  });
  return [...new Set(found)].sort();
}
