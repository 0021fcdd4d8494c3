// Import only the parts: the whole package takes time to load in every run.
import { CronJob } from "@pulumi/kubernetes/batch/v1";
import { Namespace, Secret } from "@pulumi/kubernetes/core/v1";
import { Provider } from "@pulumi/kubernetes/provider";
import * as pulumi from "@pulumi/pulumi";
import {
  defragCronJob,
  defragManifests,
  defragName,
  defragNamespace,
  defragNamespaceManifest,
  defragSecretKeys,
} from "../kubernetes/defragmentation";
import { clientPkiParameters } from "../contract/paths";
import type { ClusterSpec } from "../spec";
import type { EtcdPki } from "./pki";
import { secureStrings } from "./secrets";
import { clusterTags } from "../contract/tags";

export interface EtcdDefragmentationArgs {
  /** The cluster, whose `defragmentation` is set. */
  spec: ClusterSpec;
  pki: EtcdPki;
  /** ARN of the cluster's KMS key. */
  keyArn: pulumi.Input<string>;
}

/**
 * Defragmentation from the Kubernetes cluster: a CronJob that runs etcd-defrag with a client certificate of its own.
 * With a kubeconfig, it is applied there, with the certificate as a Secret. Without one, the manifests are an output
 * and the certificate is in SSM parameters, for somebody else to apply.
 *
 * @example
 * new EtcdDefragmentation("prod", { spec, pki, keyArn: encryption.keyArn });
 */
export class EtcdDefragmentation extends pulumi.ComponentResource {
  /** Namespace and CronJob, YAML; without the Secret. */
  readonly manifests: string;
  /** Keys of the Secret and the SSM parameters that hold their values; empty with a kubeconfig. */
  readonly secret: { key: string; parameter: string }[];

  constructor(name: string, args: EtcdDefragmentationArgs, opts?: pulumi.ComponentResourceOptions) {
    const { spec } = args;
    const { schedule, kubeconfig } = spec.defragmentation!;
    super("etcd:index:EtcdDefragmentation", name, { cluster: spec.cluster, schedule }, opts);
    this.manifests = defragManifests(spec);
    if (kubeconfig === undefined) {
      this.secret = this.parameters(name, args);
    } else {
      this.secret = [];
      this.apply(name, args, kubeconfig);
    }
    this.registerOutputs({ manifests: this.manifests });
  }

  private apply(name: string, args: EtcdDefragmentationArgs, kubeconfig: string): void {
    const provider = new Provider(name, { kubeconfig, enableServerSideApply: true }, { parent: this });
    const child = { parent: this, provider };
    const namespace = new Namespace(name, defragNamespaceManifest(), child);
    const secret = new Secret(
      name,
      {
        metadata: { name: defragName(args.spec), namespace: defragNamespace },
        type: "kubernetes.io/tls",
        stringData: secretValues(args.pki),
      },
      { ...child, dependsOn: [namespace, args.pki.authorities] },
    );
    new CronJob(name, defragCronJob(args.spec), { ...child, dependsOn: [secret] });
  }

  private parameters(name: string, { spec, pki, keyArn }: EtcdDefragmentationArgs) {
    const prefix = clientPkiParameters(spec.cluster, "defragmentation");
    const tags = clusterTags(spec, `${spec.cluster}-etcd-defragmentation`);
    const values = secretValues(pki);
    const after = { parent: this, dependsOn: pki.authorities };
    secureStrings(`${name}-defragmentation`, { prefix, keyArn, values, tags }, after);
    return Object.keys(values).map((key) => ({ key, parameter: `${prefix}/${key}` }));
  }
}

function secretValues({ clientCaBundle, clients }: EtcdPki): Record<string, pulumi.Output<string>> {
  const { ca, cert, key } = defragSecretKeys;
  return {
    [ca]: clientCaBundle,
    [cert]: clients.defragmentation.cert,
    [key]: pulumi.secret(clients.defragmentation.key),
  };
}
