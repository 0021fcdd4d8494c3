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
  /** Calls of Parameter Store a second. */
  reads?: number;
  writes?: number;
}

/** What a drill tells while it runs, a JSON object a line. */
export type DrillEvent =
  | { event: "doing"; what: string }
  | { event: "seen"; seen: Seen }
  | { event: "passed" }
  | { event: "failed"; message: string; journal?: string };
