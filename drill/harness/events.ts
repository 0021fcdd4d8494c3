/** What a client outside the machines saw of one fault. Times are in milliseconds. */
export interface Seen {
  what: string;
  /** From the fault until every member was healthy and a voter. */
  timeToHealth?: number;
  longestGap?: number;
  /** The 99th percentile of the time that an acknowledged write took. */
  p99?: number;
  acknowledged?: number;
  lost?: number;
  /** Calls to Parameter Store a second. */
  reads?: number;
  writes?: number;
}

/** What a drill reports while it runs, one JSON object per line. */
export type DrillEvent =
  | { event: "doing"; what: string }
  | { event: "seen"; seen: Seen }
  | { event: "passed" }
  | { event: "failed"; message: string; journal?: string };
