import type { Rule } from "../rule";
import { dedicatedMachines } from "./dedicatedMachines";
import { imdsV2 } from "./imdsV2";
import { minimumVersion } from "./minimumVersion";
import { oddMemberCount } from "./oddMemberCount";
import { oneAtATime } from "./oneAtATime";
import { productionMemberCount } from "./productionMemberCount";
import { singleNodeTestingOnly } from "./singleNodeTestingOnly";
import { uniqueMemberNames } from "./uniqueMemberNames";
import { upgradeOneMinor } from "./upgradeOneMinor";
import { zoneMajority } from "./zoneMajority";

/** Every rule of the pack: the members, then their machines. */
export const rules: readonly Rule[] = [
  oddMemberCount,
  productionMemberCount,
  singleNodeTestingOnly,
  uniqueMemberNames,
  zoneMajority,
  minimumVersion,
  upgradeOneMinor,
  dedicatedMachines,
  imdsV2,
  oneAtATime,
];
