import { assertCanDrill, prepare, runScenarios, type DrillResult } from "../drill/harness/runner";
import type { Scenario } from "../drill/harness/scenario";
import { loadStack } from "../record/project";

/** Gets what these run on, and runs them one at a time. */
export async function onGround(
  scenarios: readonly Scenario[],
): Promise<(scenario: Scenario) => Promise<DrillResult>> {
  assertCanDrill();
  const ground = await prepare(loadStack(".", "prod"), scenarios, "auto", (what) =>
    process.stderr.write(`${what}\n`),
  );
  return async (scenario) => {
    const [result] = (await runScenarios([scenario], ground)) as [DrillResult];
    if (!result.ok) throw new Error(`${scenario.name}: ${result.failure}\n${result.journal ?? ""}`);
    return result;
  };
}
