import type { Release } from "../machines/image";
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
   * Runs in one world with others like it, one after the other: begins and ends with a healthy cluster of the
   * stack file's members. Such drills have no settings of their own.
   */
  sharesWorld?: true;
  /** Debian's release that the machines run. @default bookworm */
  release?: Release;
  /** What it needs beside etcd. */
  needs?: readonly ("kube-apiserver" | "control-plane" | "kubectl" | "pulumi" | "aws")[];
  run(drill: Drill): Promise<void>;
}

/** What a client outside the machines saw of one fault. Times in milliseconds. */
export interface Seen {
  what: string;
  /** From the fault until every member was healthy and a voter. */
  timeToHealth?: number;
  longestGap?: number;
  /** How long 99 % of the acknowledged writes took at most. */
  p99?: number;
  acknowledged?: number;
  lost?: number;
}

/** What a drill tells while it runs, a JSON object a line. */
export type DrillEvent =
  | { event: "doing"; what: string }
  | { event: "seen"; seen: Seen }
  | { event: "passed" }
  | { event: "failed"; message: string; journal?: string };
