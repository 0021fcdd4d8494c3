import { desiredParameter } from "../../contract/paths";
import { readRecord } from "../../contract/read";
import { desiredSchema } from "../../contract/schemas";
import type { ClusterSpec } from "../../spec";
import type { Aws } from "../../aws/clients";
import { AwsError } from "../aws";
import { parametersNamed } from "../parameters";
import { ofType, type Recording } from "../../record/recording";
import { BackupBucket } from "./bucket";

/** A stack's backups, as deployed. */
export interface DeployedBackups {
  spec: ClusterSpec;
  incarnation: string;
  bucket: BackupBucket;
}

/**
 * Finds a stack's bucket in the record that its machines read.
 * @throws AwsError if there is no such record, it breaks its schema, or it names no bucket
 */
export async function deployedBackups(
  recording: Recording,
  aws: Aws,
  signal: AbortSignal,
): Promise<DeployedBackups> {
  const spec = ofType(recording, "etcd:index:EtcdCluster")[0]!.inputs as unknown as ClusterSpec;
  const name = desiredParameter(spec.cluster);
  const [record] = await parametersNamed(aws.ssm, [name], signal);
  if (record === undefined)
    throw new AwsError(`stack ${recording.stack} was never deployed here: there is no ${name}`);
  const { value: desired, problem } = readRecord(desiredSchema, name, record.value);
  if (problem !== undefined) throw new AwsError(problem);
  const { incarnation, backups } = desired;
  if (backups === undefined) throw new AwsError(`${name} names no bucket: members take no backups`);
  return { spec, incarnation, bucket: new BackupBucket(aws.s3, backups.bucket, signal) };
}
