/**
 * Waits for a condition to hold, and checks again every `every` milliseconds.
 * @param what what it waits for; a function if only its final state is worth reporting
 * @param condition returns undefined or false while it does not hold yet
 * @throws Error saying what it waited for, after `within` milliseconds; the signal's reason once it aborts
 */
export async function until<T>(
  what: string | (() => string),
  condition: () => Promise<T | undefined | false>,
  { within = 300_000, every = 25, signal }: { within?: number; every?: number; signal?: AbortSignal } = {},
): Promise<T> {
  const end = performance.now() + within;
  for (;;) {
    signal?.throwIfAborted();
    const held = await condition();
    if (held !== undefined && held !== false) return held;
    if (performance.now() > end)
      throw new Error(`${typeof what === "string" ? what : what()}: not within ${within / 1000} s`);
    await new Promise((resolve) => setTimeout(resolve, every));
  }
}
