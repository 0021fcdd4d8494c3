import { machines } from "./machines";
import { members } from "./members";
import { versions } from "./versions";

/** Every break, of every rule. */
export const breaks = [...members, ...versions, ...machines];
