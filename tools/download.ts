import { Unavailable } from "./errors";

/** Milliseconds that a server has for its answer: short, so that a machine without internet gives up soon. */
const answerLimit = 10_000;

/** Milliseconds that a server may send nothing after it has answered. */
const silenceLimit = 30_000;

/**
 * A URL's body, as it arrives. A download that breaks off just ends: its digest reveals that.
 * @throws Unavailable if the server cannot be reached, does not have it, or falls silent; the signal's
 * reason if it aborts
 */
export async function* download(url: string, signal?: AbortSignal): AsyncGenerator<Uint8Array> {
  const given = new AbortController();
  const giveUp = (after: number, problem: string) =>
    setTimeout(() => given.abort(new Error(`${problem} for ${after / 1000} s`)), after);
  let timer = giveUp(answerLimit, "no answer");
  let answered = false;
  try {
    const response = await fetch(url, {
      signal: AbortSignal.any([given.signal, ...(signal ? [signal] : [])]),
    });
    if (!response.ok) throw new Error(`HTTP ${response.status}`);
    answered = true;
    clearTimeout(timer);
    timer = giveUp(silenceLimit, "silent");
    for await (const chunk of response.body ?? []) {
      timer.refresh();
      yield chunk as Uint8Array;
    }
  } catch (error) {
    signal?.throwIfAborted();
    if (answered && !given.signal.aborted) return;
    throw new Unavailable(`${url}: ${reason(error)}`);
  } finally {
    clearTimeout(timer);
    // Close a connection whose body nobody reads to its end.
    given.abort();
  }
}

/** fetch itself only says "fetch failed"; the cause says what failed, and for several addresses only as a code. */
function reason(error: unknown): string {
  const { message, cause } = error as Error & { cause?: NodeJS.ErrnoException };
  return cause?.message || cause?.code || message;
}
