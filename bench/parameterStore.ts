import { parameterStoreCalls } from "../drill/measurements/parameterStore";
import { defaultRates } from "../drill/world/throttle";
import { table } from "../text/table";
import { onGround } from "./ground";

/** What a healthy cluster asks of Parameter Store, beside what an account and region take by default. */
export async function benchParameterStore(): Promise<string> {
  const { seen } = await (await onGround([parameterStoreCalls]))(parameterStoreCalls);
  const calls = seen.at(-1)!;
  return table(
    ["CALLS A SECOND", "FIVE MEMBERS", "ACCOUNT AND REGION", "CLUSTERS"],
    (["reads", "writes"] as const).map((kind) => [
      kind,
      calls[kind]!.toFixed(2),
      String(defaultRates[kind]),
      String(Math.floor(defaultRates[kind] / calls[kind]!)),
    ]),
  );
}
