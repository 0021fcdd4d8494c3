import type { Release } from "../world/image";
import type { Drill } from "./drill";

/** A drill of one procedure or fault: what is done, in the order in which it is read. */
export interface Scenario {
  /** As `npm run drill -- NAME` takes it. */
  name: string;
  /** What it proves, in a line. */
  title: string;
  /** Settings in the place of the stack file's own. */
  settings?: Record<string, unknown>;
  /** Versions of etcd that it runs beside the stack's own. */
  versions?: readonly string[];
  /**
   * Ends with a healthy cluster of the members that it began with: the next drill of the same settings and release
   * goes on in its world, once what it declared is put back.
   */
  leavesWorld?: true;
  /** Does something before the cluster is founded: it begins in a world of its own. */
  foundsCluster?: true;
  /** Debian's release that the machines run. @default bookworm */
  release?: Release;
  /** What it needs beside etcd. */
  needs?: readonly ("kube-apiserver" | "control-plane" | "kubectl" | "pulumi" | "aws")[];
  run(drill: Drill): Promise<void>;
}
