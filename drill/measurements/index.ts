import type { Scenario } from "../harness/scenario";
import { backupRestore } from "./backupRestore";
import { repeatedFaults } from "./faults";
import { bareFounding } from "./founding";
import { parameterStoreCalls } from "./parameterStore";

/** What benchmarks run on the drill's ground. These are no drills: nothing of them is listed. */
export const measurements: readonly Scenario[] = [
  bareFounding,
  repeatedFaults,
  backupRestore,
  parameterStoreCalls,
];
