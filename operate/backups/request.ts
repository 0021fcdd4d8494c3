import { setTimeout } from "node:timers/promises";
import { PutParameterCommand } from "@aws-sdk/client-ssm";
import { incarnationKeys } from "../../contract/paths";
import { readRecord } from "../../contract/read";
import { statusSchema } from "../../contract/schemas";
import type { Aws } from "../../aws/clients";
import { parametersBelow } from "../../aws/readers";
import { ask, AwsError, clockOf } from "../aws";
import type { DeployedBackups } from "./deployed";

/** Minutes that members have for a backup: saving, restoring and uploading a store at its quota takes less. */
const within = 30;

/** Seconds between two looks into the bucket. */
const lookEvery = 3;

/**
 * Asks the members for a backup and waits until the bucket has one that is at least as new as the request.
 * @param progress receives what it waits for, and what members say about it
 * @throws AwsError if none came in time, with the members' last words
 */
export async function requestBackup(
  { spec, incarnation, bucket }: DeployedBackups,
  aws: Aws,
  progress: (text: string) => void,
  signal: AbortSignal,
): Promise<void> {
  // Whole seconds, like manifests.
  const asked = clockOf(aws);
  const { backupRequest: Name, statuses } = incarnationKeys(spec.cluster, incarnation);
  const Value = asked.toISOString().replace(".000", "");
  const command = new PutParameterCommand({ Name, Value, Type: "String", Overwrite: true });
  await ask(`write ${Name}`, signal, () => aws.ssm.send(command, { abortSignal: signal }));

  const end = performance.now() + within * 60_000;
  for (;;) {
    if ((await bucket.manifests(asked)).length > 0) return;
    const until = { abortSignal: signal };
    const records = await ask(`read ${statuses}`, signal, () => parametersBelow(aws.ssm, statuses, until));
    const said = records
      .flatMap(({ name, value }) => readRecord(statusSchema, name, value).value ?? [])
      .filter(({ message, time }) => message.startsWith("backup") && new Date(time) >= asked)
      .map(({ member, message }) => `; ${member}: ${message}`)
      .join("");
    if (performance.now() > end)
      throw new AwsError(`no backup within ${within} min of the request${said || "; no member says why"}`);
    progress(`asked the members for a backup, at most ${within} min${said}`);
    await setTimeout(lookEvery * 1000, undefined, { signal }).catch(() => signal.throwIfAborted());
  }
}
