import type { Scenario } from "../harness/scenario";
import { backupRestore } from "./backupRestore";
import { repeatedFaults } from "./faults";
import { bareFounding } from "./founding";
import { parameterStoreCalls } from "./parameterStore";

/** Benchmarks that run on the drill's ground. They are not drills, and the list of drills does not show them. */
export const measurements: readonly Scenario[] = [
  bareFounding,
  repeatedFaults,
  backupRestore,
  parameterStoreCalls,
];
