import { bareFounding } from "../drill/measurements/founding";
import { founding } from "../drill/scenarios/founding";
import { table } from "../text/table";
import { onGround } from "./ground";
import { median, spread } from "./measure";

/** Five machines from their start to a healthy cluster: the declared user data beside a bare one, by hand. */
export async function benchBoot(rounds: number): Promise<string> {
  const bare: number[] = [];
  const declared: number[] = [];
  const run = await onGround([founding, bareFounding]);
  for (let round = 0; round < rounds; round++) {
    bare.push((await run(bareFounding)).seen[0]!.timeToHealth!);
    declared.push((await run(founding)).seen[0]!.timeToHealth!);
  }
  return table(undefined, [
    ["bare user data", spread(bare)],
    ["declared user data", spread(declared)],
    ["ratio", `${(median(declared) / median(bare)).toFixed(2)} (wanted: at most 1.5)`],
  ]);
}
