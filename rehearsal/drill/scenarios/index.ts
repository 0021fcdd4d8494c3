import type { Scenario } from "../scenario";
import { founding } from "./founding";

/** Every drill, in the order in which they run. */
export const scenarios: readonly Scenario[] = [founding];
