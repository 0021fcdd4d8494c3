import type { AccountClients } from "../../aws/accountClients";
import { ofType, type Recording } from "../../record/recording";
import type { ClusterSpec } from "../../spec";

/** What a stack needs of its account. */
export interface Needs {
  spec: ClusterSpec;
  recording: Recording;
  /** Instance types of members' machines. */
  machines: { type: string; zone: string }[];
  /** Names of the services that get an endpoint in the VPC. */
  endpoints: string[];
  /** Name of the load balancer; undefined where there is none. */
  balancer?: string;
}

/** What every look is given. */
export interface Account {
  needs: Needs;
  aws: AccountClients;
  signal: AbortSignal;
}

export function needsOf(recording: Recording): Needs {
  const members = ofType(recording, "etcd:index:EtcdMember").filter(({ inputs }) => inputs.retired !== true);
  const balancer = ofType(recording, "aws:lb/loadBalancer:LoadBalancer")[0];
  return {
    spec: ofType(recording, "etcd:index:EtcdCluster")[0]!.inputs as unknown as ClusterSpec,
    recording,
    machines: members.map(({ inputs }) => ({ type: String(inputs.instanceType), zone: String(inputs.zone) })),
    endpoints: ofType(recording, "aws:ec2/vpcEndpoint:VpcEndpoint").map(({ inputs }) =>
      String(inputs.serviceName),
    ),
    balancer: balancer && String(balancer.inputs.name),
  };
}
