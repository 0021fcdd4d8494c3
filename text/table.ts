import Table from "cli-table3";
import { printable } from "./printable";

const none = Object.fromEntries(
  [
    ...["top", "top-mid", "top-left", "top-right", "bottom", "bottom-mid", "bottom-left", "bottom-right"],
    ...["left", "left-mid", "mid", "mid-mid", "right", "right-mid", "middle"],
  ].map((part) => [part, ""]),
);

/** Rows in aligned columns, without lines, as kubectl prints them; of what machines said nothing but text. */
export function table(head: string[] | undefined, rows: readonly string[][]): string {
  const style = { head: [], border: [], "padding-left": 0, "padding-right": 3 };
  const made = new Table({ head: head ?? [], chars: none, style });
  made.push(...rows.map((row) => row.map((cell) => cell.split("\n").map(printable).join("\n"))));
  return made
    .toString()
    .split("\n")
    .map((line) => line.trimEnd())
    .join("\n");
}
