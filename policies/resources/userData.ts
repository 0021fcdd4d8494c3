import { gunzipSync } from "node:zlib";
import { at, unknown, type Resource, type Unknown } from "./resource";

/**
 * A machine's user data as text, of `userData` or `userDataBase64`; base64 and gzip are undone.
 * @returns undefined if it has none
 */
export function readUserData({ props }: Resource): string | Unknown | undefined {
  const given = at(props, "userDataBase64") ?? at(props, "userData");
  if (given === unknown) return unknown;
  if (typeof given !== "string" || given === "") return undefined;
  const text = texts.get(given) ?? textOf(given);
  texts.set(given, text);
  return text;
}

/** User data that was read, as several rules read the same. */
const texts = new Map<string, string>();

function textOf(given: string): string {
  const bytes = fromBase64(given);
  if (bytes === undefined) return given;
  return isGzip(bytes) ? gunzipSync(bytes).toString("utf8") : bytes.toString("utf8");
}

/** The bytes of base64 that can be nothing else; undefined for other text. */
export function fromBase64(text: string): Buffer | undefined {
  const joined = text.replace(/\s/g, "");
  if (joined.length < 8 || !/^[A-Za-z0-9+/]+={0,2}$/.test(joined) || joined.length % 4 !== 0)
    return undefined;
  return Buffer.from(joined, "base64");
}

function isGzip(bytes: Buffer): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b;
}

/**
 * etcd's flags in a machine's user data, by name: of command lines and files (`--client-cert-auth=true`)
 * and of the environment (`ETCD_CLIENT_CERT_AUTH=true`). The last one wins, as for etcd.
 */
export function etcdFlagsIn(text: string): Map<string, string> {
  const flags = new Map<string, string>();
  for (const [, name, value] of text.matchAll(/\bETCD_([A-Z0-9_]+)=["']?([^\s"']*)/g))
    flags.set(name!.toLowerCase().replaceAll("_", "-"), value!);
  const flag = /(?:^|[\s"'=])--([a-z][a-z0-9-]+)(?:[= ]["']?((?!--)[^\s"'\\]+))?/gm;
  for (const [, name, value] of text.matchAll(flag)) flags.set(name!, value ?? "true");
  return flags;
}
