import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { bundle, partName } from "../machine/bundle";
import { bundlesParameters } from "../contract/paths";
import type { ClusterSpec } from "../spec";
import { clusterTags } from "../contract/tags";

export type EtcdBundleArgs = Pick<ClusterSpec, "cluster" | "environment" | "tags">;

/**
 * The programs and units of the members' machines in Parameter Store, where a machine gets them at its first boot:
 * below their SHA-256, which its user data names. A different bundle uses different parameters. They are made before
 * the first machine moves, and the old ones go once all have moved.
 */
export class EtcdBundle extends pulumi.ComponentResource {
  readonly sha256: string;

  constructor(name: string, args: EtcdBundleArgs, opts?: pulumi.ComponentResourceOptions) {
    const { sha256, parts } = bundle();
    const inputs = { cluster: args.cluster, sha256 };
    super("etcd:index:EtcdBundle", name, inputs, opts);
    this.sha256 = sha256;
    parts.forEach((part, index) => {
      // The hash in the name makes the engine create the new one before it deletes the old one.
      new aws.ssm.Parameter(
        `${name}-bundle-${sha256.slice(0, 8)}-${partName(index)}`,
        {
          name: `${bundlesParameters(args.cluster)}/${sha256}/${partName(index)}`,
          type: aws.ssm.ParameterType.String,
          tier: "Standard",
          // No secret: policies and reviews of an exported stack read it.
          insecureValue: part,
          tags: clusterTags(args, `${args.cluster}-etcd`),
        },
        { parent: this },
      );
    });
    // Policies see the outputs of a component, not its inputs.
    this.registerOutputs(inputs);
  }
}
