import { structuredPatch } from "diff";

/** How two texts differ, line by line. */
export interface Difference {
  added: number;
  removed: number;
  /** Hunks as `diff -u` writes them, without the names of files. */
  hunks: string[];
}

/** Compares two texts; one that is not there is empty. */
export function difference(before: string, after: string): Difference {
  const { hunks } = structuredPatch("", "", before, after, undefined, undefined, { context: 3 });
  const lines = hunks.flatMap((hunk) => hunk.lines);
  return {
    added: lines.filter((line) => line.startsWith("+")).length,
    removed: lines.filter((line) => line.startsWith("-")).length,
    hunks: hunks.map(({ oldStart, oldLines, newStart, newLines, lines }) => {
      const header = `@@ -${range(oldStart, oldLines)} +${range(newStart, newLines)} @@`;
      return [header, ...lines].join("\n");
    }),
  };
}

/** `diff -u` counts from the line before where there is none of its own. */
function range(start: number, length: number): string {
  return `${length === 0 ? start - 1 : start},${length}`;
}
