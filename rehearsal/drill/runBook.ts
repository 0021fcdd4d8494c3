import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Machine } from "../machines/machine";
import type { Drill } from "./drill";

const operations = join(__dirname, "..", "..", "docs", "operations");

interface Following {
  /** Which of its blocks of commands. @default all */
  blocks?: readonly number[];
  /** The machine on which `sudo` runs its command. @default the last member's */
  machine?: Machine;
  /** What stands in the place of an example of the run-book's. */
  filledIn?: Readonly<Record<string, string>>;
}

/**
 * Types what a run-book says, in its order and as it stands there.
 * @throws Error with what the commands print if one fails
 */
export async function follow(drill: Drill, name: string, following: Following = {}): Promise<void> {
  const commands = commandsOf(name);
  for (const block of following.blocks ?? commands.keys()) {
    let text = commands[block]!;
    for (const [example, own] of Object.entries(following.filledIn ?? {}))
      text = text.replaceAll(example, own);
    drill.doing(`${name}: ${text.split("\n").join("; ")}`);
    const onMachine = /\bsudo /.test(text);
    await drill.operate(
      text,
      onMachine ? (following.machine ?? drill.world.machine(drill.members.at(-1)!)) : undefined,
    );
  }
}

/** The blocks of commands of a run-book. */
export function commandsOf(name: string): string[] {
  const text = readFileSync(join(operations, `${name}.md`), "utf8");
  return [...text.matchAll(/^( *)```sh\n([^]*?)\n\1```$/gm)].map(([, indent, block]) =>
    block!.replaceAll(new RegExp(`^${indent}`, "gm"), ""),
  );
}
