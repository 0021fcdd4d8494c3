import { imdsV2 } from "./imdsV2";
import { oddMemberCount } from "./oddMemberCount";
import { zoneMajority } from "./zoneMajority";
import type { Rule } from "../rule";

/** Every rule of the pack. */
export const rules: readonly Rule[] = [oddMemberCount, zoneMajority, imdsV2];
