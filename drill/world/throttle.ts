/** Calls a second. */
export interface Rates {
  /** GetParameter, GetParameters and GetParametersByPath share it. */
  reads: number;
  /** PutParameter. */
  writes: number;
}

/**
 * What Parameter Store accepts from an account in a region by default
 * (https://docs.aws.amazon.com/general/latest/gr/ssm.html#limits_ssm).
 */
export const defaultRates: Rates = { reads: 40, writes: 3 };

/**
 * Counts an account's calls as Parameter Store does: with a bucket of tokens that one second fills. AWS does not say
 * how large its own bucket is.
 */
export class Throttle {
  /** Calls that came in, and how many of them were refused. */
  readonly seen = { reads: 0, writes: 0, throttled: 0 };
  private readonly tokens: Rates;
  private last: number;

  /** @param now milliseconds, by a clock that never goes back */
  constructor(
    private readonly rates: Rates,
    private readonly now: () => number = () => performance.now(),
  ) {
    this.tokens = { ...rates };
    this.last = now();
  }

  /** What has come in so far, in one line. */
  toString(): string {
    const { reads, writes, throttled } = this.seen;
    return `Parameter Store was asked ${reads} times and written ${writes} times; ${throttled} calls were too many`;
  }

  /** Whether a call is accepted; one that Parameter Store does not count always is. */
  takes(action: string): boolean {
    const kind = kindOf(action);
    if (kind === undefined) return true;
    const passed = (this.now() - this.last) / 1000;
    this.last += passed * 1000;
    for (const each of ["reads", "writes"] as const)
      this.tokens[each] = Math.min(this.rates[each], this.tokens[each] + passed * this.rates[each]);
    this.seen[kind]++;
    if (this.tokens[kind] < 1) {
      this.seen.throttled++;
      return false;
    }
    this.tokens[kind]--;
    return true;
  }
}

function kindOf(action: string): keyof Rates | undefined {
  if (action === "ssm:PutParameter") return "writes";
  return /^ssm:GetParameter(s|sByPath)?$/.test(action) ? "reads" : undefined;
}
