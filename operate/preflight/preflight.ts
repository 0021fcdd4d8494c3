import { setMaxListeners } from "node:events";
import type { Recording } from "../../record/recording";
import type { AccountClients } from "../../aws/accountClients";
import { accountLooks, callerOf } from "./account";
import type { Finding } from "./finding";
import { machineLooks } from "./machines";
import { mirrorLook } from "./mirror";
import { needsOf } from "./needs";
import { networkLooks } from "./network";
import { quotaLooks } from "./quotas";

/** Whether an account is ready for a stack. */
export interface Preflight {
  stack: string;
  /** Whether nothing failed; what is not known did not. */
  ok: boolean;
  findings: Finding[];
}

export interface PreflightOptions {
  /** Of the stack's program. */
  recording: Recording;
  aws: AccountClients;
  /** Told what is under way. */
  progress: (text: string) => void;
  signal: AbortSignal;
}

/**
 * Asks AWS for everything that a stack's first deployment finds there, before it runs; reads only.
 * @throws SettingsError for credentials that do not count; AwsError if AWS does not say whose they are
 */
export async function preflight({ recording, aws, progress, signal }: PreflightOptions): Promise<Preflight> {
  progress("ask AWS");
  // Every request that is under way listens to it; from the eleventh on Node would warn of a leak.
  setMaxListeners(0, signal);
  const caller = await callerOf({ aws, signal });
  const account = { needs: needsOf(recording), aws, signal };
  const findings = await Promise.all([
    ...networkLooks(account),
    ...machineLooks(account),
    ...quotaLooks(account),
    ...accountLooks(account, caller),
    mirrorLook(account),
  ]);
  return { stack: recording.stack, ok: findings.every(({ result }) => result !== "FAILED"), findings };
}
