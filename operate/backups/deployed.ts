import { desiredParameter } from "../../contract/paths";
import type { DesiredRecord } from "../../contract/records";
import type { ClusterSpec } from "../../spec";
import { AwsError, type Aws } from "../aws";
import { parametersNamed } from "../parameters";
import { ofType, type Recording } from "../../record/recording";
import { BackupBucket } from "./bucket";

/** A stack's backups, as they are deployed. */
export interface DeployedBackups {
  spec: ClusterSpec;
  incarnation: string;
  bucket: BackupBucket;
}

/**
 * Finds the bucket of a stack by the record that its machines read.
 * @throws AwsError if there is no such record, or it names no bucket
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
  const { incarnation, backups } = JSON.parse(record.value) as DesiredRecord;
  if (backups === undefined) throw new AwsError(`${name} names no bucket: members take no backups`);
  return { spec, incarnation, bucket: new BackupBucket(aws.s3, backups.bucket, signal) };
}
