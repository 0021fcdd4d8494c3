import type { Scenario } from "../scenario";
import { backupRestore } from "./backupRestore";
import { repeatedFaults } from "./faults";
import { bareFounding } from "./founding";

/** What benchmarks run on the drill's ground. These are no drills: nothing of them is listed. */
export const measurements: readonly Scenario[] = [bareFounding, repeatedFaults, backupRestore];
