import type { Release } from "../world/image";
import type { Drill } from "./drill";

/** A drill of one procedure or fault: its steps, in the order in which they read. */
export interface Scenario {
  /** As in `npm run drill -- NAME`. */
  name: string;
  /** What it proves, in one line. */
  title: string;
  /** Settings that replace the stack file's own. */
  settings?: Record<string, unknown>;
  /** Versions of etcd that it runs besides the stack's own. */
  versions?: readonly string[];
  /**
   * It leaves a healthy cluster of the members that it began with: the next drill with the same settings and release
   * continues in its world, once what it declared is put back.
   */
  leavesWorld?: true;
  /** It acts before the cluster is founded, so it starts in a world of its own. */
  foundsCluster?: true;
  /** Debian's release that the machines run. @default bookworm */
  release?: Release;
  /** What it needs besides etcd. */
  needs?: readonly ("kube-apiserver" | "control-plane" | "kubectl" | "pulumi" | "aws")[];
  run(drill: Drill): Promise<void>;
}
