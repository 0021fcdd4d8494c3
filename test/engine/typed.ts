import { spawn } from "node:child_process";
import { delimiter } from "node:path";
import { ended } from "../fixtures/commands";
import type { Deployment } from "./deployment";

/**
 * Types what a run-book says, in the deployment's project.
 * @param programs directory of programs that stand before those of PATH
 * @throws Error with what was said, if it fails
 */
export async function typed(deployment: Deployment, text: string, programs?: string): Promise<void> {
  const { environment, project } = deployment;
  const PATH = [...(programs === undefined ? [] : [programs]), environment.PATH].join(delimiter);
  const child = spawn("bash", ["-euo", "pipefail", "-c", text], {
    cwd: project,
    env: { ...environment, PATH },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const { code, stdout, stderr } = await ended(child);
  if (code !== 0) throw new Error(`${text}\n${stdout}${stderr}`);
}
