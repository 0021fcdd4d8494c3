import { table } from "../text/table";
import { median, spread, timed } from "./measure";

/** The review of `prod` beside its plan: what the policy pack costs on top of running the program. */
export function benchReview(rounds: number): Promise<string> {
  const plan: number[] = [];
  const review: number[] = [];
  const command = (name: string) => timed(["--require", "./transpile.cjs", `commands/${name}.ts`]);
  for (let round = 0; round < rounds; round++) {
    plan.push(command("plan"));
    review.push(command("review"));
  }
  return Promise.resolve(
    table(undefined, [
      ["plan of prod", spread(plan)],
      ["review of prod", spread(review)],
      ["ratio", `${(median(review) / median(plan)).toFixed(2)} (wanted: at most 1.5)`],
    ]),
  );
}
