import type { Pulumi } from "../../tools/pulumi";
import type { StackProgram } from "../../record/project";

/** What the process of one world of drills is told to do, and with what. */
export interface Orders {
  /** Names of drills that run in one world, in order. */
  scenarios: readonly string[];
  program: StackProgram;
  image: string;
  moto: string;
  mirror: string;
  /** Directory of etcdctl and etcdutl. */
  binaries: string;
  kubeApiserver?: string;
  kubectl?: string;
  /** What a control plane's machine needs, without etcd. */
  controlPlane?: readonly string[];
  pulumi?: Pulumi;
  /** Python with AWS' CLI. */
  aws?: string;
  /** SHA-256 of the mirror's archive of each version. */
  checksums: Record<string, string>;
  cgroup: string;
}
