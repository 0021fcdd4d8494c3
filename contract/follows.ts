import { isDeepStrictEqual } from "node:util";
import { text } from "../spec/forms";
import { quorum } from "../spec/rules";
import { shown } from "../text/printable";
import type { FoundingRecord, GenerationRecord } from "./schemas";

/** Every restore raises the revision by this much (etcd's disaster recovery guide). */
const bump = 1_000_000_000;

/**
 * How a generation's record differs from its declaration; empty if it follows from it. Machines decide the same way in
 * `machine/scripts/contract.jq`, and a test keeps both equal.
 * @param bucket the cluster's backup bucket, where `latest` is looked up
 */
export function differences(
  founding: FoundingRecord,
  record: GenerationRecord,
  bucket: string | undefined,
): string[] {
  const { restore } = record;
  const place = restore && `s3://${restore.bucket}/${restore.key}`;
  const isBackup = restore?.bucket === bucket && text("snapshotKey").safeParse(restore?.key).success;
  const [there, declared] = [record.members, founding.members].map((members) =>
    members.map(({ name, url }) => `${name} ${url}`),
  ) as [string[], string[]];
  const bound = (["sha256", "versionId"] as const).filter((field) => founding[field] !== undefined);
  return [
    ...difference("token", record.token, founding.token),
    ...(isDeepStrictEqual(there, declared)
      ? []
      : [`founders ${shown(without(there, declared))}, declared ${shown(without(declared, there))}`]),
    ...(founding.snapshot === "latest" && isBackup ? [] : difference("snapshot", place, founding.snapshot)),
    ...bound.flatMap((field) => difference(field, restore?.[field], founding[field])),
    ...(restore ? difference("bump", restore.bump, bump) : []),
  ];
}

function without(some: readonly string[], others: readonly string[]): string {
  return some.filter((each) => !others.includes(each)).join(", ");
}

function difference(what: string, here: unknown, declared: unknown): string[] {
  return here === declared ? [] : [`${what} ${shown(here ?? null)}, declared ${shown(declared ?? null)}`];
}

/**
 * What speaks against a generation's record. Nothing does once a majority of the declared founders have started in the
 * generation; no single founder can claim that alone. In that case its record predates the declaration (older programs
 * wrote it) and no longer matters.
 * @param started members that say that they started in it
 * @param bucket as for {@link differences}
 */
export function contradictions(
  founding: FoundingRecord,
  record: GenerationRecord,
  started: readonly string[],
  bucket: string | undefined,
): string[] {
  const there = founding.members.filter(({ name }) => started.includes(name)).length;
  return there >= quorum(founding.members.length) ? [] : differences(founding, record, bucket);
}
