/** What one look at the account says: a line. */
export interface Finding {
  check: string;
  /** What it is about, as an id. */
  of: string;
  result: "ok" | "FAILED" | "not known";
  /** What was seen; what to do, where it failed; why it is not known. */
  said: string;
}

/** What a look found: what it saw, and what speaks against a deployment, with the way out. */
export interface Seen {
  seen: string;
  problems: readonly string[];
}

/** A question that cannot be answered; the message says why. */
export class NotKnown extends Error {}

/**
 * One look at the account as a finding.
 * @param missing what to do where AWS says that there is no such thing; without it that is not known either
 * @throws the signal's reason if it aborts
 */
export async function look(
  check: string,
  of: string,
  { signal, missing }: { signal: AbortSignal; missing?: string },
  answer: () => Promise<Seen>,
): Promise<Finding> {
  try {
    const { seen, problems } = await answer();
    const failed = problems.length > 0;
    return { check, of, result: failed ? "FAILED" : "ok", said: failed ? problems.join("; ") : seen };
  } catch (error) {
    signal.throwIfAborted();
    const { name, message } = error as Error;
    if (error instanceof NotKnown) return { check, of, result: "not known", said: message };
    if (missing !== undefined && /NotFound|NoSuch|Malformed|InvalidInstanceType/.test(name))
      return { check, of, result: "FAILED", said: `${message}; ${missing}` };
    return { check, of, result: "not known", said: `${name}: ${message}` };
  }
}
