import { access } from "./access";
import { machines } from "./machines";
import { members } from "./members";
import { userData } from "./userData";
import { versions } from "./versions";

/** Every break, of every rule. */
export const breaks = [...members, ...versions, ...machines, ...access, ...userData];
