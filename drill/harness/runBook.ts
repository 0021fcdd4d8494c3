import { readFileSync } from "node:fs";
import { join } from "node:path";

const operations = join(__dirname, "..", "..", "docs", "operations");

/** The command blocks of a run-book. */
export function commandsOf(name: string): string[] {
  const text = readFileSync(join(operations, `${name}.md`), "utf8");
  return [...text.matchAll(/^( *)```sh\n([^]*?)\n\1```$/gm)].map(([, indent, block]) =>
    block!.replaceAll(new RegExp(`^${indent}`, "gm"), ""),
  );
}
