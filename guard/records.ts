import type { StoredParameter } from "../aws/readers";
import { contradictions } from "../contract/follows";
import { incarnationKey } from "../contract/paths";
import { readRecord } from "../contract/read";
import type { FoundingRecord, GenerationRecord } from "../contract/records";
import { generationSchema, statusSchema } from "../contract/schemas";
import { printable } from "../text/printable";
import type { Broken, Evidence } from "./facts";

/** What a generation is declared as, and the bucket of the cluster's backups. */
export interface Founding {
  generation: number;
  record: FoundingRecord;
  bucket?: string;
}

/**
 * What the machines of an incarnation wrote: reports, and who started and founded which generation. A record that
 * breaks its schema, speaks for another member than its key says, or does not follow from the declaration counts for
 * nobody, and is named.
 * @param path everything is below it
 * @param founding of the declared generation; older ones were checked against theirs when they were declared
 */
export function recordsOf(
  path: string,
  parameters: readonly StoredParameter[],
  founding?: Founding,
): Pick<Evidence, "reports" | "started" | "founders" | "broken"> {
  const reports: Evidence["reports"][number][] = [];
  const started: Evidence["started"][number][] = [];
  const founders: Evidence["founders"][number][] = [];
  const broken: Broken[] = [];
  const generations: { name: string; number: number; record: GenerationRecord }[] = [];
  for (const { name, value, written } of parameters) {
    const key = incarnationKey(path, name);
    if (key === undefined) {
      broken.push({ problem: `${printable(name)}: nothing lies there that this project writes` });
    } else if (key.kind === "status") {
      const { value: status, problem } = readRecord(statusSchema, name, value);
      if (problem !== undefined) broken.push({ status: key.member, problem });
      else if (status.member !== key.member)
        broken.push({
          status: key.member,
          problem: `${name}: member ${status.member} writes under another's name`,
        });
      else reports.push({ status, modified: written.getTime() });
    } else if (key.kind === "started") {
      // Its existence is the statement; its text is for people.
      started.push({ generation: key.generation, member: key.member });
    } else if (key.kind === "generation") {
      const { value: record, problem } = readRecord(generationSchema, name, value);
      if (problem !== undefined) broken.push({ problem });
      else generations.push({ name, number: key.generation, record });
    }
  }
  for (const { name, number, record } of generations) {
    const there = started.filter(({ generation }) => generation === number).map(({ member }) => member);
    const wrong =
      founding?.generation === number ? contradictions(founding.record, record, there, founding.bucket) : [];
    if (wrong.length > 0)
      broken.push({ problem: `${name} does not follow from what is declared: ${wrong.join("; ")}` });
    else founders.push(...record.members.map((each) => ({ generation: number, member: each.name })));
  }
  return { reports, started, founders, broken };
}
