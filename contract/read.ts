import type { z } from "zod";
import { shown } from "../text/printable";

/** What was read, or what is wrong with it: the key, the field, its value and the rule. */
export type Read<T> = { value: T; problem?: undefined } | { value?: undefined; problem: string };

/** The most characters that a record may have: Parameter Store's limit for any parameter. */
const longest = 8192;

/**
 * Reads a JSON record, whoever wrote it. A record that breaks its schema does not count as its writer's.
 * @param key where it is, as a parameter's name
 */
export function readRecord<S extends z.ZodType>(schema: S, key: string, text: string): Read<z.output<S>> {
  if (text.length > longest)
    return { problem: `${key}: ${text.length} characters; a record has at most ${longest}` };
  let record: unknown;
  try {
    record = JSON.parse(text);
  } catch {
    return { problem: `${key}: ${shown(text)} is no JSON` };
  }
  return readValue(schema, key, record);
}

/** Does the same for a value by itself, such as a mark of one word. */
export function readValue<S extends z.ZodType>(schema: S, key: string, value: unknown): Read<z.output<S>> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return { value: parsed.data };
  const [issue] = parsed.error.issues;
  const path = issue!.code === "unrecognized_keys" ? [...issue.path, issue.keys[0]!] : issue!.path;
  const at = path.reduce<unknown>((of, part) => (of as Record<PropertyKey, unknown>)?.[part], value);
  const place = path
    .map((part) => (typeof part === "number" ? `[${part}]` : `.${String(part)}`))
    .join("")
    .replace(/^\./, "");
  return { problem: `${key}: ${place === "" ? "" : `${place} `}${ruled(issue!, at)}` };
}

function ruled(issue: z.core.$ZodIssue, value: unknown): string {
  if (issue.code === "unrecognized_keys") return "is nothing that stands there";
  if (value === undefined) return "is missing";
  if (issue.code === "invalid_type") return `${shown(value)} must be of type ${issue.expected}`;
  if (issue.code === "invalid_value") return `${shown(value)} must be one of ${issue.values.join(", ")}`;
  return `${shown(value)} ${issue.message}`;
}
