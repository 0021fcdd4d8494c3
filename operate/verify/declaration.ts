import { desiredParameter } from "../../contract/paths";
import type { DesiredRecord } from "../../contract/records";
import { desiredSchema } from "../../contract/schemas";
import type { ClusterSpec } from "../../spec";
import { ofType, type Recording } from "../../record/recording";
import { reveal } from "../../record/values";

/** What a stack declares, as far as it can be compared with what runs. */
export interface Declaration {
  stack: string;
  cluster: string;
  version: string;
  /** The record that machines read; the recorder makes up ids that only AWS knows. */
  desired: DesiredRecord;
  /** Names of the SSM parameters that hold certificates; the keys beside them are never read. */
  certificates: string[];
  /** Minutes between two backups. */
  backupInterval: number;
  /** Name of the load balancer's target group; undefined without a balancer. */
  targetGroup?: string;
}

export function declarationOf(recording: Recording): Declaration {
  const spec = ofType(recording, "etcd:index:EtcdCluster")[0]!.inputs as unknown as ClusterSpec;
  const parameters = ofType(recording, "aws:ssm/parameter:Parameter").map(({ inputs }) => inputs);
  const desired = parameters.find(({ name }) => name === desiredParameter(spec.cluster))!;
  const group = ofType(recording, "aws:lb/targetGroup:TargetGroup")[0];
  return {
    stack: recording.stack,
    cluster: spec.cluster,
    version: spec.version,
    // In the same form as the deployed one is read: the two are compared field by field.
    desired: desiredSchema.parse(JSON.parse(String(reveal(desired.value)))),
    certificates: parameters
      .map(({ name }) => String(name))
      .filter((name) => name.endsWith(".crt"))
      .sort(),
    backupInterval: spec.backups.interval,
    targetGroup: group && String(group.inputs.name),
  };
}
