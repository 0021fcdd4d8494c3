import type { Scenario } from "../scenario";
import * as apiServer from "./apiServer";
import * as certificates from "./certificates";
import * as disks from "./disks";
import * as faults from "./faults";
import * as founding from "./founding";
import * as machines from "./machines";
import * as members from "./members";
import * as strangers from "./strangers";

/** Every drill, in the order in which they run. */
export const scenarios: readonly Scenario[] = [
  founding,
  strangers,
  machines,
  members,
  faults,
  disks,
  certificates,
  apiServer,
].flatMap((theme) => Object.values(theme).filter((each) => typeof each !== "function"));
