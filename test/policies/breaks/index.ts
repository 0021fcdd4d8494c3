import { access } from "./access";
import { backups } from "./backups";
import { machines } from "./machines";
import { members } from "./members";
import { roles } from "./roles";
import { userData } from "./userData";
import { versions } from "./versions";
import { volumes } from "./volumes";

/** Every break, of every rule. */
export const breaks = [
  ...members,
  ...versions,
  ...machines,
  ...roles,
  ...volumes,
  ...backups,
  ...access,
  ...userData,
];
