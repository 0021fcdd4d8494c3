import type { ApiServerReport } from "../contract/schemas";
import type { BackupManifest, StatusRecord } from "../contract/records";
import type { ClusterSpec } from "../spec";

/** What the settings declare, as far as a decision needs it. */
export interface Declared extends Pick<
  ClusterSpec,
  "cluster" | "environment" | "version" | "deletionProtection"
> {
  generation: number;
  members: readonly { name: string; address: string; replaces?: string }[];
  /** Whether a load balancer stands before the members: its health checks then count as evidence. */
  balanced: boolean;
  /** The oldest backup, in minutes, that a change of version may rely on; undefined without a backup bucket. */
  backupFreshWithin?: number;
}

/** What a machine's tags said before this deployment. */
export interface Recorded {
  environment?: string;
  version?: string;
  generation?: number;
  deletionProtection?: boolean;
}

/** Whose machine is about to be stopped or deleted, or lose its volume. */
export interface Target {
  cluster: string;
  member: string;
  /** EC2 instance id. */
  instance: string;
  recorded: Recorded;
  /** What the machine's tags say against the program. */
  mistagged?: string;
}

/** A machine of the cluster as EC2 reports it, without those that are shutting down or gone. */
export interface Machine {
  instance: string;
  member: string;
  /** EC2's state, for example `running`. */
  state: string;
  address?: string;
  /** When it was last started, milliseconds since 1970; a stop and start changes it, too. */
  launched: number;
  recorded: Recorded;
}

/** A member's status record, and when Parameter Store received it, in milliseconds since 1970 by AWS' clock. */
export interface Report {
  status: StatusRecord;
  modified: number;
}

/** What an API server's machine reports, and when Parameter Store received it. */
export interface ApiServerFacts {
  report: ApiServerReport;
  modified: number;
}

/** A record that breaks its schema, or does not follow from what is declared. */
export interface Broken {
  /** Whose status record it is, by its key; undefined for any other record. */
  status?: string;
  /** Its key, and what is wrong with it. */
  problem: string;
}

/** A backup that counts: its manifest, and whether the bucket holds what it names. */
export interface Backup {
  manifest: BackupManifest;
  /** When S3 received the manifest, milliseconds since 1970. */
  modified: number;
  /** Whether the snapshot is there, with the size that the manifest says. */
  present: boolean;
}

/** What AWS says about the cluster at one moment. */
export interface Evidence {
  /** AWS' clock, milliseconds since 1970. */
  now: number;
  incarnation: string;
  /** The generation that machines were last told to run. */
  generation: number;
  machines: readonly Machine[];
  reports: readonly Report[];
  /** Records that count for nobody, and are named. */
  broken: readonly Broken[];
  /** Members that etcd was started on, as founders, by generation. */
  started: readonly { generation: number; member: string }[];
  /** Members that a generation was founded with. */
  founders: readonly { generation: number; member: string }[];
  /** The balancer's states, for example `healthy`, by address; empty without a balancer. */
  targetHealth: Readonly<Record<string, string>>;
  /** Read only if the version changes. */
  backups?: readonly Backup[] | NoEvidence;
}

/** Why AWS could not be asked. */
export interface NoEvidence {
  problem: string;
  /** Whether asking again may help: throttled or out of reach, but not forbidden. */
  passing: boolean;
}

/** What this process has allowed before. */
export interface Allowed {
  /** By member, the {@link boot} of the machine that was given up. */
  boots: Readonly<Record<string, string>>;
  /**
   * Whether it has begun to change the version. What must hold at the beginning did: every member was healthy and
   * there was a fresh backup. It is not checked again for the rest of a roll.
   */
  changing: boolean;
}

export interface Situation {
  declared: Declared;
  target: Target;
  evidence: Evidence | NoEvidence;
  allowed: Allowed;
}

export type Verdict =
  | {
      kind: "allow";
      because: string;
      warning?: string;
      /** Whether the version may change with it. */
      changes?: true;
    }
  /** It may become allowed by itself. */
  | { kind: "wait"; problems: string[]; remedy: string }
  /** Waiting does not help. */
  | {
      kind: "refuse";
      problems: string[];
      remedy: string;
      /** Whether a preview fails on it as well, because nothing will change it before the deployment. */
      inPreview: boolean;
    };

/** One start of a machine: a report from an earlier start is no evidence for it. */
export function boot({ instance, launched }: Pick<Machine, "instance" | "launched">): string {
  return `${instance}@${launched}`;
}
