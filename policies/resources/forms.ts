import { gunzipSync } from "node:zlib";
import { parseDocument } from "yaml";
import { heredocs, mimeParts } from "./envelopes";

/** A text in user data, or why a part of it cannot be read: `holds gzip that cannot be unpacked`. */
export type Reading = { text: string } | { unread: string };

/** Deeper than cloud-init, Ignition and a script inside them ever nest; what is packed deeper is not read. */
const maxDepth = 8;
/** User data has at most 16 KiB; a thousand times that is a bomb, not a program. */
const maxBytes = 16 * 1024 ** 2;

/**
 * Every text in user data's bytes: through gzip, MIME parts, cloud-config, Ignition, here-documents and base64, however
 * they are nested, the outer before the inner (https://cloudinit.readthedocs.io/en/latest/explanation/format.html,
 * https://coreos.github.io/ignition/specs/).
 */
export function* readings(bytes: Uint8Array, depth = 0): Generator<Reading, void, void> {
  if (depth > maxDepth) return yield { unread: `is packed more than ${maxDepth} times over` };
  if (isGzip(bytes)) {
    const inner = gunzipped(bytes);
    if (inner === undefined) return yield { unread: "holds gzip that cannot be unpacked" };
    return yield* readings(inner, depth + 1);
  }
  const text = textOf(bytes);
  if (text === undefined) return yield { unread: "holds bytes that are not text" };
  yield { text };
  yield* inside(text, depth);
}

function* inside(text: string, depth: number): Generator<Reading, void, void> {
  const parts = mimeParts(text);
  if (parts !== undefined) {
    for (const part of parts) yield* readings(part, depth + 1);
  } else if (/^#include/.test(text)) {
    yield { unread: "names addresses (#include) from which the machine fetches more" };
  } else if (/^(## template: jinja\s+)?#cloud-config|^\s*\{/.test(text)) {
    const document = yamlOf(text);
    if (document === undefined) yield { unread: "begins like YAML or JSON, but is neither" };
    yield* textsIn(document, depth);
  } else {
    for (const body of heredocs(text)) yield* readings(Buffer.from(body), depth + 1);
    for (const inner of base64In(text)) yield* readings(inner, depth + 1);
  }
}

/** Texts among a document's values: packed ones, programs' arguments joined in a line, and what lies elsewhere. */
function* textsIn(value: unknown, depth: number): Generator<Reading, void, void> {
  if (depth > maxDepth * 2) return yield { unread: "is nested too deeply" };
  if (value instanceof Uint8Array) return yield* readings(value, depth + 1);
  if (typeof value === "string") return yield* stringIn(value, depth);
  if (typeof value !== "object" || value === null) return;
  if (Array.isArray(value) && value.every((each) => typeof each === "string"))
    yield { text: value.join(" ") };
  const { encoding, content } = value as Record<string, unknown>;
  if (typeof content === "string" && /^(b64|base64|gz)/.test(String(encoding)) && !fromBase64(content))
    yield { unread: `holds a file that claims the encoding ${String(encoding)}, but has another` };
  for (const [key, inner] of Object.entries(value)) {
    if (
      ["source", "uri"].includes(key) &&
      typeof inner === "string" &&
      /^(?!data:)[a-z0-9]+:\/\//.test(inner)
    )
      yield { unread: `fetches a part from ${inner}` };
    else yield* textsIn(inner, depth + 1);
  }
}

function* stringIn(value: string, depth: number): Generator<Reading, void, void> {
  const [, form, data] = /^data:([^,]*),(.*)$/s.exec(value) ?? [];
  if (data !== undefined) {
    const bytes = form!.endsWith(";base64") ? Buffer.from(data, "base64") : Buffer.from(percentDecoded(data));
    return yield* readings(bytes, depth + 1);
  }
  const packed = fromBase64(value);
  if (packed && (isGzip(packed) || textOf(packed) !== undefined)) return yield* readings(packed, depth + 1);
  if (/\n/.test(value)) yield* readings(Buffer.from(value), depth + 1);
}

/** Decodes text that can only be base64; undefined for other text. */
export function fromBase64(text: string): Buffer | undefined {
  const joined = text.replace(/\s/g, "");
  if (joined.length < 8 || !/^[A-Za-z0-9+/]+={0,2}$/.test(joined) || joined.length % 4 !== 0)
    return undefined;
  return Buffer.from(joined, "base64");
}

/** Decodes blocks of base64 in a script, on one line or folded; a checksum looks like one, but is not. */
function base64In(text: string): Buffer[] {
  const blocks = text.match(/(?:[A-Za-z0-9+/]{40,}\r?\n[ \t]*)*[A-Za-z0-9+/]+={0,2}/g) ?? [];
  return blocks
    .filter((block) => block.length >= 40)
    .flatMap((block) => {
      // A word may follow the last line.
      const candidates = [block, block.slice(0, block.lastIndexOf("\n")), ...block.split("\n")];
      const found = candidates.map(fromBase64).find((bytes) => bytes && (isGzip(bytes) || textOf(bytes)));
      return found ?? [];
    });
}

function isGzip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b && bytes[2] === 8;
}

function gunzipped(bytes: Uint8Array): Buffer | undefined {
  try {
    return gunzipSync(bytes, { maxOutputLength: maxBytes });
  } catch {
    return undefined;
  }
}

/** @returns undefined for what is not text: other compressions, archives, programs */
function textOf(bytes: Uint8Array): string | undefined {
  try {
    const text = new TextDecoder("utf8", { fatal: true }).decode(bytes);
    // eslint-disable-next-line no-control-regex -- these tell bytes from text
    return /[\0-\x08\x0e-\x1a]/.test(text) ? undefined : text;
  } catch {
    return undefined;
  }
}

/** @returns undefined for what is neither YAML nor JSON */
export function yamlOf(text: string): unknown {
  try {
    const document = parseDocument(text, { logLevel: "silent" });
    return document.errors.length > 0 ? undefined : (document.toJS() as unknown);
  } catch {
    return undefined;
  }
}

function percentDecoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
