import type { Resource } from "./resource";
import { yamlOf } from "./forms";
import type { StackResources } from "./index";

/** Flags that only etcd has: a text with one of them starts etcd. */
const tellTale = [
  "listen-client-urls",
  "listen-peer-urls",
  "initial-advertise-peer-urls",
  "client-cert-auth",
];

export interface MemberFlags {
  resource: Resource;
  flags: ReadonlyMap<string, string>;
}

/** Every machine's etcd flags, from its user data and programs, or why they are not seen. */
export function memberFlags(stack: StackResources): {
  seen: MemberFlags[];
  unseen: { resource: Resource; undecided: string }[];
} {
  const seen: MemberFlags[] = [];
  const unseen: { resource: Resource; undecided: string }[] = [];
  for (const { instance: resource } of stack.clusters.flatMap(({ members }) => members)) {
    if (!resource) continue;
    const { texts, unread } = stack.machineTexts(resource);
    for (const undecided of unread) unseen.push({ resource, undecided });
    const flags = etcdFlagsIn(texts);
    if (startsEtcd(flags)) seen.push({ resource, flags });
    else if (unread.length === 0) unseen.push({ resource, undecided: whereElse(flags) });
  }
  return { seen, unseen };
}

function whereElse(flags: ReadonlyMap<string, string>): string {
  const file = flags.get("config-file");
  return file === undefined
    ? "etcd's flags are not in its user data"
    : `etcd's flags are in ${file}, which is not in its user data`;
}

/** Whether these are flags that start etcd. */
export function startsEtcd(flags: ReadonlyMap<string, string>): boolean {
  return tellTale.some((flag) => flags.has(flag));
}

/**
 * etcd's flags in texts, by name: from command lines and files (`--client-cert-auth=true`, with one dash or two), from
 * the environment (`ETCD_CLIENT_CERT_AUTH=true`) and from a configuration file. The last one wins, as in etcd; with a
 * configuration file, etcd ignores everything else (https://etcd.io/docs/v3.6/op-guide/configuration/).
 */
export function etcdFlagsIn(texts: readonly string[]): Map<string, string> {
  const flags = new Map<string, string>();
  const text = texts.join("\n").replace(/^[ \t]*#.*$/gm, "");
  for (const [, name, value] of text.matchAll(/\bETCD_([A-Z0-9_]+)=["']?([^\s"']*)/g))
    flags.set(name!.toLowerCase().replaceAll("_", "-"), value!);
  const flag = /(?:^|[\s"'=[,])--?([a-z][a-z0-9-]+)(?:[= ]["']?((?!-)[^\s"'\\]+))?/gm;
  for (const [, name, value = "true"] of text.matchAll(flag)) {
    // Programs also fill in addresses for etcdutl; keep those that etcd itself is given.
    if (name!.endsWith("-urls") && value.startsWith("$") && flags.has(name!)) continue;
    flags.set(name!, value);
  }
  const configured = texts.flatMap(configuredIn);
  return configured.length > 0 && (flags.has("config-file") || !startsEtcd(flags))
    ? new Map(configured)
    : flags;
}

/** Sections of a configuration file, and the prefix that their keys have as flags. */
const sections = { "client-transport-security": "", "peer-transport-security": "peer-" };

function configuredIn(text: string): [string, string][] {
  if (!/^["']?([a-z]+-transport-security|listen-(client|peer)-urls)["']?\s*:/m.test(text)) return [];
  const config = yamlOf(text);
  if (typeof config !== "object" || config === null) return [];
  return Object.entries(config as Record<string, unknown>).flatMap(([key, value]): [string, string][] => {
    const prefix = sections[key as keyof typeof sections];
    if (prefix === undefined) return [[key, String(value)]];
    const own = Object.entries((value ?? {}) as Record<string, unknown>);
    return own.map(([name, inner]) => [`${prefix}${name}`, String(inner)]);
  });
}

/** What flags must be. */
export interface WantedFlags {
  set: string[];
  /** Must be true. */
  yes: string[];
  /** Must not be true. */
  no: string[];
  /** Lists of URLs. */
  https: string[];
}

/** What is wrong with flags or is not seen: missing flags, wrong values, URLs without TLS. */
export function* flagProblems(
  flags: MemberFlags["flags"],
  wanted: WantedFlags,
): Generator<{ problem: string } | { undecided: string }> {
  // A value that the machine fills in, such as ${AUTH}.
  const filledIn = (flag: string) => /^\$|%[a-z]$/i.test(flags.get(flag) ?? "");
  const isTrue = (flag: string) => /^(1|t|true)$/i.test(flags.get(flag) ?? "");
  for (const flag of [...wanted.yes, ...wanted.no, ...wanted.https].filter(filledIn))
    yield { undecided: `--${flag} is ${flags.get(flag)}, which the machine fills in` };
  for (const flag of wanted.set) if (!flags.get(flag)) yield { problem: `--${flag} is not set` };
  for (const flag of wanted.yes)
    if (!isTrue(flag) && !filledIn(flag))
      yield { problem: `--${flag} is ${flags.get(flag) ?? "not set"}, not true` };
  for (const flag of wanted.no) if (isTrue(flag)) yield { problem: `--${flag} is true` };
  for (const flag of wanted.https) {
    const plain = (flags.get(flag) ?? "").split(",").filter((url) => url.trim().startsWith("http://"));
    if (plain.length > 0) yield { problem: `--${flag} has ${plain.join(", ")}` };
  }
}
