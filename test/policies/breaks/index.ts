import { machines } from "./machines";
import { members } from "./members";

/** Every break, of every rule. */
export const breaks = [...members, ...machines];
