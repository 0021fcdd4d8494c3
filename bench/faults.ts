import { repeatedFaults } from "../drill/measurements/faults";
import { table } from "../text/table";
import { onGround } from "./ground";
import { median, spread } from "./measure";

/** Time to health and longest write gap of faults, each five times over on one cluster. */
export async function benchFaults(): Promise<string> {
  const { seen } = await (await onGround([repeatedFaults]))(repeatedFaults);
  const faults = [...new Set(seen.slice(1).map(({ what }) => what))];
  return table(
    ["FAULT", "TIME TO HEALTH", "LONGEST WRITE GAP", "MEDIAN GAP"],
    faults.map((fault) => {
      const each = seen.filter(({ what }) => what === fault);
      const gaps = each.map(({ longestGap }) => longestGap!);
      return [
        fault,
        spread(each.map(({ timeToHealth }) => timeToHealth!)),
        spread(gaps),
        `${(median(gaps) / 1000).toFixed(2)} s`,
      ];
    }),
  );
}
