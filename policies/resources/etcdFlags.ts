import type { Resource } from "./resource";
import { unknown } from "./resource";
import { etcdFlagsIn } from "./userData";
import type { StackResources } from "./index";

/** Flags that only etcd has: with one of them a text starts etcd. */
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

/** etcd's flags of every machine, as its user data and its programs say them, or why they are not seen. */
export function memberFlags(stack: StackResources): {
  seen: MemberFlags[];
  unseen: { resource: Resource; undecided: string }[];
} {
  const seen: MemberFlags[] = [];
  const unseen: { resource: Resource; undecided: string }[] = [];
  for (const { instance: resource } of stack.clusters.flatMap(({ members }) => members)) {
    if (!resource) continue;
    const text = stack.machineText(resource);
    const flags = typeof text === "string" ? etcdFlagsIn(text) : new Map<string, string>();
    if (text === unknown)
      unseen.push({ resource, undecided: "its user data is known only after a deployment" });
    else if (!tellTale.some((flag) => flags.has(flag)))
      unseen.push({ resource, undecided: "etcd's flags are not in its user data" });
    else seen.push({ resource, flags });
  }
  return { seen, unseen };
}

/** What flags should be. */
export interface WantedFlags {
  set: string[];
  /** Must be true. */
  yes: string[];
  /** Must not be true. */
  no: string[];
  /** Lists of URLs. */
  https: string[];
}

/** What is wrong with flags: those that are missing, those with a wrong value, and URLs without TLS. */
export function* flagProblems(flags: MemberFlags["flags"], wanted: WantedFlags): Generator<string> {
  for (const flag of wanted.set) if (!flags.get(flag)) yield `--${flag} is not set`;
  for (const flag of wanted.yes)
    if (flags.get(flag) !== "true") yield `--${flag} is ${flags.get(flag) ?? "not set"}, not true`;
  for (const flag of wanted.no) if (flags.get(flag) === "true") yield `--${flag} is true`;
  for (const flag of wanted.https) {
    const plain = (flags.get(flag) ?? "").split(",").filter((url) => url.startsWith("http://"));
    if (plain.length > 0) yield `--${flag} has ${plain.join(", ")}`;
  }
}
