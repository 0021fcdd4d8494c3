import { contradictions } from "../../contract/follows";
import type { DesiredRecord, GenerationRecord } from "../../contract/records";
import type { Evidence } from "./evidence";

/** What speaks against the record of the declared generation. */
export function generationCauses(
  desired: DesiredRecord,
  { founding, generation, started }: Evidence,
): string[] {
  const number = desired.generation;
  if (founding === undefined)
    return [`what generation ${number} is declared as is not in Parameter Store; run pulumi up`];
  if (founding.problem !== undefined) return [founding.problem];
  if (generation === undefined) return [];
  if (generation.problem !== undefined) return [generation.problem];
  const { value: record } = generation;
  const wrong = contradictions(founding.value, record, started, desired.backups?.bucket);
  if (wrong.length === 0) return restoredOtherwise(desired, record);
  return [
    `the record of generation ${number} does not follow from what is declared, and no member goes by it: ${wrong.join("; ")}. It says that ${record.createdBy} wrote it: see to that machine, then delete it`,
  ];
}

/** A generation restores once: another snapshot declared for it does nothing, and nothing else would report that. */
function restoredOtherwise(
  { restore, generation: number }: DesiredRecord,
  { restore: begun }: GenerationRecord,
): string[] {
  if (restore === undefined) return [];
  const place = begun && `s3://${begun.bucket}/${begun.key}`;
  if (place !== undefined && (restore.snapshot === "latest" || restore.snapshot === place)) return [];
  const began = place === undefined ? "without a snapshot" : `with ${place}`;
  return [
    `restore: generation ${number} began ${began}, declared is ${restore.snapshot}: to restore that, declare generation ${number + 1}`,
  ];
}
