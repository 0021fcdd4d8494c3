import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { parseCluster, type ClusterDeclaration, type ClusterSpec } from "../spec";
import { warnings } from "../spec/warnings";
import type { EtcdBackups } from "./backups";
import { EtcdBundle } from "./bundle";
import { EtcdMember, RetiredMember } from "./member";
import type { EtcdPki } from "./pki";
import { quorumGuard } from "../guard/quorumGuard";
import { EtcdRecords } from "./records";
import { clusterTags } from "../contract/tags";

export interface EtcdClusterArgs {
  /** The declaration, with or without its defaults. */
  spec: ClusterDeclaration;
  pki: EtcdPki;
  /** ARN of the cluster's KMS key. */
  keyArn: pulumi.Input<string>;
  /** Security group of the members. */
  securityGroupId: pulumi.Input<string>;
  /** What machines need in their first minute: VPC endpoints, and SRV records if DNS founds the cluster. */
  bootsAfter?: pulumi.Resource[];
  /** Where the cluster's backups go. Without it members make none, and the quorum guard lets no version change. */
  backups?: EtcdBackups;
  /**
   * Whether an EtcdLoadBalancer stands before the members. If so, the quorum guard reads its health checks as
   * well. It finds the balancer by name, so the balancer need not exist first.
   * @default false
   */
  balanced?: boolean;
}

/**
 * A dedicated etcd cluster: its members run on machines of their own, on separate hardware. They are chained so that
 * one machine moves at a time, and guarded so that none goes while the quorum needs it.
 *
 * @throws pulumi.RunError naming each setting that breaks a rule, before any resource is made
 * @example
 * const cluster = new EtcdCluster("prod", { spec, pki, keyArn: encryption.keyArn, securityGroupId });
 */
export class EtcdCluster extends pulumi.ComponentResource {
  readonly members: EtcdMember[];
  /** Volumes of members that others have replaced. */
  readonly retired: RetiredMember[];

  constructor(name: string, args: EtcdClusterArgs, opts?: pulumi.ComponentResourceOptions) {
    const spec = validCluster(args.spec);
    super("etcd:index:EtcdCluster", name, spec, opts);
    for (const warning of warnings(spec)) void pulumi.log.warn(warning, this);

    const placement = new aws.ec2.PlacementGroup(
      name,
      // Keep members on separate hardware. A zone takes at most seven machines, and etcd has at most seven members.
      { strategy: "spread", tags: clusterTags(spec, `${spec.cluster}-etcd`) },
      { parent: this },
    );
    const { keyArn, backups, balanced = false } = args;
    const backupBucket = backups?.bucket;
    const { desired } = new EtcdRecords(name, { spec, keyArn, backupBucket }, { parent: this });
    const guard = quorumGuard({ name, spec, balanced, bucket: backupBucket });
    // The guard reads the bucket, so its name must be known before the first machine moves.
    const programs = new EtcdBundle(name, spec, { parent: this });
    const bootsAfter = [programs, ...(args.bootsAfter ?? []), ...(backups ? [backups] : [])];
    this.members = [];
    for (const member of spec.members) {
      const { pki, securityGroupId } = args;
      const shared = { spec, pki, keyArn, securityGroupId, backupBucket, bootsAfter, guard, desired };
      this.members.push(
        new EtcdMember(
          `${name}-${member.name}`,
          { ...shared, member, placementGroupId: placement.placementGroupId, after: this.members.at(-1) },
          { parent: this },
        ),
      );
    }
    this.retired = spec.members.flatMap(({ subnet, replaces }) =>
      replaces === undefined
        ? []
        : new RetiredMember(
            `${name}-${replaces.name}`,
            {
              spec,
              member: replaces.name,
              subnet: spec.network.subnets[replaces.subnet ?? subnet]!,
              keyArn,
            },
            { parent: this },
          ),
    );
    // Policies see the outputs of a component, not its inputs.
    this.registerOutputs({ ...spec });
  }
}

/** The specification of a declaration; reports every broken rule in one error without a stack trace. */
export function validCluster(declaration: ClusterDeclaration): ClusterSpec {
  const parsed = parseCluster(declaration);
  if ("spec" in parsed) return parsed.spec;
  throw new pulumi.RunError(parsed.problems.map(({ path, message }) => `${path}: ${message}`).join("\n"));
}
