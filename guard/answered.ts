import { setTimeout as sleep } from "node:timers/promises";
import * as pulumi from "@pulumi/pulumi";
import { printable } from "../text/printable";
import type { Verdict } from "./facts";

/** Seconds between two looks at a cluster that a guard waits for, and between two lines about it. */
const lookEvery = 5;
const sayEvery = 60;

export interface Question {
  /** Which guard asks, and about what. */
  heading: string;
  /** What is told of it where it is refused, as `must not go now`. */
  refused: string;
  /** Minutes to wait at most. */
  wait: number;
  ask: () => Promise<Verdict>;
  /** What a preview said before: it says everything once. */
  said: Set<string>;
}

/**
 * Asks until the step is allowed, and fails it where it is refused or the time is over. A preview does not wait: it fails
 * on what waiting cannot mend, and says the rest.
 * @returns the permission; undefined if a preview said that `pulumi up` would not have it yet
 * @throws Error with what stands in the way and what to do
 */
export async function answered(question: Question): Promise<(Verdict & { kind: "allow" }) | undefined> {
  const { heading, wait, ask } = question;
  const deadline = performance.now() + wait * 60_000;
  for (let spoke = -Infinity; ; await sleep(lookEvery * 1000)) {
    const verdict = await ask();
    if (verdict.kind === "allow") {
      if (verdict.warning) void pulumi.log.warn(`${heading}: ${printable(verdict.warning)}`);
      return verdict;
    }
    if (pulumi.runtime.isDryRun()) return previewed(question, verdict);
    const now = performance.now();
    if (verdict.kind === "refuse" || now >= deadline) throw new Error(refusal(question, verdict));
    if (now - spoke < sayEvery * 1000) continue;
    spoke = now;
    const left = Math.ceil((deadline - now) / 60_000);
    void pulumi.log.info(`${heading} waits, at most ${left} min more:\n${lines(verdict)}`);
  }
}

function previewed(question: Question, verdict: Exclude<Verdict, { kind: "allow" }>): undefined {
  if (verdict.kind === "refuse" && verdict.inPreview) throw new Error(refusal(question, verdict));
  const text = lines(verdict);
  if (question.said.has(text)) return;
  question.said.add(text);
  const would = verdict.kind === "wait" ? "pulumi up would wait" : "pulumi up would be refused";
  void pulumi.log.warn(`${question.heading}: as it is now, ${would}:\n${text}`);
}

/** Removes control characters, because machines wrote part of this: none may reach a terminal or a log. */
function lines({ problems, remedy }: Exclude<Verdict, { kind: "allow" }>): string {
  return [...problems.map((problem) => `  - ${printable(problem)}`), printable(remedy)].join("\n");
}

function refusal({ heading, refused }: Question, verdict: Exclude<Verdict, { kind: "allow" }>): string {
  return `${heading} ${refused}:\n${lines(verdict)}\nNothing of it was touched. docs/quorum-guard.md says more, and how to override.`;
}
