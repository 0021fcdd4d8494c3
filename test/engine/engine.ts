import type { Pulumi } from "../../tools/pulumi";
import { Deployment } from "./deployment";

// Several deployments a test: an end for what hangs, not a measure.
jest.setTimeout(3_600_000);

/** Pulumi as the setup found it; not there where no way leads to it. */
const found = process.env.ETCD_ENGINE;

/** `describe` where there is an engine; elsewhere its tests are reported as skipped. */
export const withEngine = found === undefined ? describe.skip : describe;

/** The engine that the setup got. */
export function engine(): Pulumi {
  return JSON.parse(found!) as Pulumi;
}

/** The production stack, declared so that the guard waits for nothing: whatever it meets, it says at once. */
export async function declared(): Promise<Deployment> {
  const deployment = await Deployment.fresh(engine());
  deployment.declare((settings) => (settings.quorumGuard = { wait: 0 }));
  return deployment;
}

/** The production stack, deployed. */
export async function founded(): Promise<Deployment> {
  const deployment = await declared();
  await deployment.succeed("up");
  return deployment;
}
