import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "../../fixtures/declarations";

const file = join(root, "machine", "scripts", "decision.sh");

/** What each function is asked by: yes or no, or how many at most. */
const asked = {
  goes_by: { last: 1, began: 1, stopped: 1, newest: 1 },
  how_to_start: { data: 1, stopped: 1, newer: 1, reached: 1, began: 1, founder: 1, declared: 1 },
  how_to_go_on: { began: 1, stopped: 1, declared: 1, founder: 1, prepared: 1, clients: 1, others: 1 },
  may_begin: { began: 1, between: 1, voters: 5, gone: 5, founders: 1, silent: 1 },
  may_join: { began: 1, stopped: 1 },
} as const;

export type Decision = keyof typeof asked;
export type Decide = <D extends Decision>(
  decision: D,
  facts: Record<keyof (typeof asked)[D], boolean | number>,
) => string;

/** Numbers of the lines that end in `# rule` within the functions that the model asks. */
export function rules(): number[] {
  const lines = readFileSync(file, "utf8").split("\n");
  let within = "";
  return lines.flatMap((line, index) => {
    within = /^(\w+)\(\) \{$/.exec(line)?.[1] ?? within;
    return within in asked && line.endsWith("# rule") ? [index] : [];
  });
}

export function rule(index: number): string {
  return readFileSync(file, "utf8")
    .split("\n")
    [index]!.replace(/ *# rule$/, "")
    .trim();
}

/** Asks the very functions of decision.sh everything that there is to ask, once, leaving out one of its lines. */
export function decisions(without?: number): Decide {
  const source = readFileSync(file, "utf8")
    .split("\n")
    .map((line, index) => (index === without ? "" : line))
    .join("\n");
  const calls: string[] = [];
  for (const [decision, facts] of Object.entries(asked)) {
    const all = Object.entries(facts).reduce<string[]>(
      (before, [fact, most]) =>
        before.flatMap((call) =>
          Array.from({ length: most + 1 }, (_, value) =>
            most === 1 ? `${call} ${fact}=${value ? "yes" : "no"}` : `${call} ${fact}=${value}`,
          ),
        ),
      [decision],
    );
    calls.push(...all);
  }
  const script = `set -euo pipefail\n${source}\nwhile read -r -a call; do "\${call[@]}"; done\n`;
  const answers = execFileSync("bash", ["-c", script], { input: `${calls.join("\n")}\n` })
    .toString()
    .trimEnd()
    .split("\n");
  // In the order of the calls: an index is faster than their text.
  const tables = new Map<string, { facts: [string, number][]; answers: string[] }>();
  let at = 0;
  for (const [decision, facts] of Object.entries(asked)) {
    const entries = Object.entries<number>(facts);
    const many = entries.reduce((all, [, most]) => all * (most + 1), 1);
    tables.set(decision, { facts: entries, answers: answers.slice(at, at + many) });
    at += many;
  }
  return (decision, values) => {
    const { facts, answers: all } = tables.get(decision)!;
    let index = 0;
    for (const [fact, most] of facts)
      index = index * (most + 1) + Number((values as Record<string, boolean | number>)[fact]);
    return all[index]!;
  };
}
