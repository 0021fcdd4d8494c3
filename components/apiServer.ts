import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { clientEndpoints } from "../contract/addresses";
import { apiServerActions, policyDocument } from "../machine/allowedActions";
import {
  apiServerFiles,
  apiServerFlags,
  kubeadmClusterConfiguration,
  staticPodPatch,
} from "../kubernetes/apiServer";
import { apiServerKit } from "../kubernetes/kit";
import { apiServerReports, clientPkiParameters } from "../contract/paths";
import type { ClusterSpec } from "../spec";
import type { EtcdPki } from "./pki";
import { secureStrings } from "./secrets";
import { clusterTags } from "../contract/tags";

export interface ApiServerEtcdConfigArgs {
  spec: ClusterSpec;
  pki: EtcdPki;
  /** ARN of the cluster's KMS key. */
  keyArn: pulumi.Input<string>;
}

/** A file on an API server's machine and the SSM parameter that holds it. */
export interface ApiServerFile {
  path: string;
  parameter: string;
}

/**
 * What API servers need from etcd: flags, the same for kubeadm and for static pods, and where their machines find
 * certificate and key. Those are in SSM parameters, readable by any role that {@link policyArn} is attached to.
 */
export class ApiServerEtcdConfig extends pulumi.ComponentResource {
  readonly endpoints: string[];
  /** kube-apiserver's flags. */
  readonly flags: string[];
  /** kubeadm's `ClusterConfiguration`, YAML. */
  readonly kubeadm: string;
  /** JSON patch of a static pod's manifest, YAML. */
  readonly staticPodPatch: string;
  readonly files: ApiServerFile[];
  /** A script for the API servers' machines that puts these files in place and keeps them: {@link apiServerKit}. */
  readonly kit: string;
  /** ARN of the IAM policy to attach to the API servers' role. */
  readonly policyArn: pulumi.Output<string>;

  constructor(name: string, args: ApiServerEtcdConfigArgs, opts?: pulumi.ComponentResourceOptions) {
    const { spec, pki } = args;
    const endpoints = clientEndpoints(spec);
    super("etcd:index:ApiServerEtcdConfig", name, { cluster: spec.cluster, endpoints }, opts);
    this.endpoints = endpoints;
    this.flags = apiServerFlags(endpoints);
    this.kubeadm = kubeadmClusterConfiguration(endpoints);
    this.staticPodPatch = staticPodPatch(endpoints);

    this.kit = apiServerKit(spec.cluster, endpoints);

    const prefix = clientPkiParameters(spec.cluster, "apiserver");
    const tags = clusterTags(spec, `${spec.cluster}-etcd-apiserver`);
    const { cert, key } = pki.clients.apiserver;
    const values = { "ca.crt": pki.clientCaBundle, "client.crt": cert, "client.key": key };
    const after = { parent: this, dependsOn: pki.authorities };
    const parameters = secureStrings(name, { prefix, keyArn: args.keyArn, values, tags }, after);
    this.files = [
      { path: apiServerFiles.ca, parameter: `${prefix}/ca.crt` },
      { path: apiServerFiles.cert, parameter: `${prefix}/client.crt` },
      { path: apiServerFiles.key, parameter: `${prefix}/client.key` },
    ];
    this.policyArn = new aws.iam.Policy(
      name,
      {
        description: `Read the etcd client certificate of ${spec.cluster}'s API servers`,
        policy: pulumi
          .all([pulumi.all(parameters.map(({ arn }) => arn)), args.keyArn])
          .apply(([parameterArns, keyArn]) => {
            const reportsArn = parameterArns[0]!.replace(
              /:parameter.*/,
              `:parameter${apiServerReports(spec.cluster)}`,
            );
            return policyDocument(apiServerActions({ parameterArns, reportsArn, keyArn }));
          }),
        tags,
      },
      { parent: this },
    ).arn;
    this.registerOutputs({ policyArn: this.policyArn });
  }
}
