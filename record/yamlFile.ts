import { readFileSync, statSync } from "node:fs";
import { basename } from "node:path";
import {
  isScalar,
  LineCounter,
  parseDocument,
  visit,
  type Alias,
  type Document,
  type Node,
  type Pair,
  type Scalar,
  type YAMLMap,
  type YAMLSeq,
} from "yaml";
import { SettingsError } from "./settingsError";
import { integer, timestamp } from "./yamlScalars";

/** The most bytes that a file may have: far more than any cluster's. */
const longest = 1 << 20;

/** The most values that one anchor may stand for, counting aliases within aliases, and the most aliases in a file. */
const mostAliases = { anchor: 100, file: 1000 };

export type YamlMap = Record<string, unknown>;

/**
 * Reads a file that holds one map, as Pulumi's CLI reads YAML: merge keys apply, a key is a text, and an unquoted value
 * is what Go takes it for. Whole numbers beyond 2^53 are bigints. An empty file is an empty map.
 * @throws SettingsError in one line with the file, the line and the rule that it breaks
 */
export function readYamlMap(path: string): YamlMap {
  const file = basename(path);
  const content = read(path);
  const lines = new LineCounter();
  const refuse = (at: number, problem: string) =>
    new SettingsError(`${file}:${lines.linePos(at).line}: ${problem}`);
  const document = parseDocument(content, {
    customTags: (tags) => [integer, timestamp, ...tags],
    lineCounter: lines,
    merge: true,
    // If it checked them, the library would compare each key with every other one.
    uniqueKeys: false,
    // We write one line with the place of the error; the library's message includes the text around it.
    prettyErrors: false,
    // Pulumi does not report unknown tags.
    logLevel: "error",
  });
  const [error] = document.errors;
  if (error !== undefined) {
    // The parser recurses as deep as a value is nested.
    const tooDeep = error.code === "RESOURCE_EXHAUSTION";
    throw refuse(
      error.pos[0],
      tooDeep ? "values within values have no end" : `is not YAML: ${error.message}`,
    );
  }
  assertReadable(document, refuse);
  const value = valueOf(document, file) ?? {};
  if (typeof value !== "object" || Array.isArray(value))
    throw new SettingsError(`${file}:1: is not a YAML map`);
  return value as YamlMap;
}

function read(path: string): string {
  const file = basename(path);
  const refuse = (problem: string) => new SettingsError(`${file}: cannot be read: ${problem}`);
  try {
    const { size } = statSync(path);
    if (size > longest) throw refuse(`it has ${size} bytes, ${longest} at most are read`);
    return readFileSync(path, "utf8");
  } catch (error) {
    throw error instanceof SettingsError ? error : refuse((error as Error).message);
  }
}

/** Refuses what Pulumi refuses, and what has no end. */
function assertReadable(document: Document, refuse: (at: number, problem: string) => SettingsError): void {
  const start = ({ range }: Pick<Node, "range">) => range?.[0] ?? 0;
  const anchors = new Map<string, Node>();
  let aliases = 0;
  const note = (node: Scalar | YAMLMap | YAMLSeq) => {
    if (node.anchor !== undefined) anchors.set(node.anchor, node);
  };
  visit(document, {
    Pair(_, { key }: Pair) {
      // A merge key is a symbol.
      if (isScalar(key) && ["string", "symbol"].includes(typeof key.value)) return;
      throw refuse(start(key as Node), `a key is a text: put ${String(key)} in quotes`);
    },
    Seq: (_, seq) => note(seq),
    Map(_, map) {
      note(map);
      const keys = new Set<unknown>();
      for (const { key } of map.items) {
        const name = isScalar(key) ? String(key.value) : key;
        if (keys.has(name)) throw refuse(start(key as Node), `a key stands twice: ${String(key)}`);
        keys.add(name);
      }
    },
    Scalar(_, scalar) {
      note(scalar);
      const { value } = scalar;
      if (typeof value === "number" && !Number.isFinite(value))
        throw refuse(start(scalar), "a number has an end");
    },
    Alias(_, alias: Alias) {
      aliases += 1;
      if (aliases > mostAliases.file)
        throw refuse(start(alias), `has more than ${mostAliases.file} aliases, which is more than are read`);
      const anchored = anchors.get(alias.source);
      if (anchored === undefined)
        throw refuse(start(alias), `*${alias.source}: no such anchor stands before it`);
      // An alias comes after its anchor, so only an alias inside the anchored value can lead back to it.
      if (anchored.range![1] > start(alias))
        throw refuse(
          start(alias),
          `*${alias.source}: an anchor holds an alias of itself; a setting has an end`,
        );
    },
  });
}

/** The library's errors here have no place: one alias too many, or a merge key whose value is not a map. */
function valueOf(document: Document, file: string): unknown {
  try {
    return document.toJS({ maxAliasCount: mostAliases.anchor });
  } catch (error) {
    // This is the library's error for what would fill the memory.
    const multiply = error instanceof ReferenceError;
    const rule = multiply
      ? `one anchor may stand for ${mostAliases.anchor} values at most`
      : (error as Error).message;
    throw new SettingsError(`${file}: is not YAML: ${rule}`);
  }
}
