import semver from "semver";

/** A known fault of a range of etcd versions. Ranges are semver's. */
interface Known {
  range: string;
  why: string;
}

/** Versions that no production cluster runs. */
const refused: readonly Known[] = [
  { range: "<3.4.22", why: "below the floor for production, 3.4.22 or 3.5.6" },
  { range: ">=3.5.0 <3.5.3", why: "corrupts data under load; fixed in 3.5.3" },
  { range: ">=3.5.3 <3.5.6", why: "below the floor for production, 3.4.22 or 3.5.6" },
];

/** Versions with known faults that a later patch fixes; the first match is reported. */
const warned: readonly Known[] = [
  { range: ">=3.4.22 <3.5.0", why: "3.4 is at its end of life" },
  { range: ">=3.5.6 <3.5.24", why: "may lose a learner's promotion; fixed in 3.5.24" },
  { range: ">=3.5.24 <3.5.26", why: "may bring zombie members; fixed in 3.5.26" },
  { range: ">=3.5.26 <3.5.28 || >=3.6.5 <3.6.9", why: "may answer stale reads; fixed in 3.5.28 and 3.6.9" },
  { range: ">=3.6.0 <3.6.4", why: "may fail to bootstrap a learner; fixed in 3.6.4" },
  { range: ">=3.6.4 <3.6.5", why: "may corrupt data after a defragmentation; fixed in 3.6.5" },
  {
    range: ">=3.5.28 <3.5.30 || >=3.6.9 <3.6.11",
    why: "refuses a new member while another is down; fixed in 3.5.30 and 3.6.11",
  },
  {
    range: ">=3.5.30 <3.5.31 || >=3.6.11 <3.6.12",
    why: "loses the learner flag when a member is updated; fixed in 3.5.31 and 3.6.12",
  },
  {
    range: ">=3.5.31 <3.5.33 || >=3.6.12 <3.6.14 || >=3.7.0 <3.7.1",
    why: "can be stopped from outside in the TLS handshake (GHSA-6vch-q96h-7gc3); fixed in 3.5.33, 3.6.14 and 3.7.1",
  },
];

/** Why a version is refused, if it is. */
export function refusal(version: string): string | undefined {
  if (semver.valid(version) === null) return "no semantic version";
  return refused.find(({ range }) => semver.satisfies(version, range, { includePrerelease: true }))?.why;
}

/** What to warn of about a version, if anything. */
export function warning(version: string): string | undefined {
  return warned.find(({ range }) => semver.satisfies(version, range, { includePrerelease: true }))?.why;
}

/** The oldest version of each minor from which the next minor can be reached (etcd's upgrade guides). */
const stepping: Readonly<Record<string, string>> = { "3.5": "3.5.32", "3.6": "3.6.11" };

/** Why a cluster cannot go from one version to another, if it cannot. */
export function upgradeProblem(from: string, to: string): string | undefined {
  const [old, next] = [semver.parse(from), semver.parse(to)];
  if (old === null || next === null) return "no semantic versions";
  if (next.major !== old.major) return "another major version";
  if (next.minor > old.minor + 1) return `skips ${next.minor - old.minor - 1} minor versions`;
  if (next.minor < old.minor) return "a downgrade, which only etcd's own procedure or a restore does";
  const floor = stepping[`${old.major}.${old.minor}`];
  if (next.minor > old.minor && floor !== undefined && semver.lt(old, floor))
    return `every member must run at least ${floor} first`;
  return undefined;
}
