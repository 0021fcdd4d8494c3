/** The value that a given share (0 to 1) of the values does not exceed; 0 without values. */
export function percentile(values: readonly number[]): (share: number) => number {
  const sorted = [...values].sort((a, b) => a - b);
  return (share) => sorted[Math.floor(share * (sorted.length - 1))] ?? 0;
}
