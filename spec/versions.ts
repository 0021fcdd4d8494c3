import semver from "semver";

/** etcd minors that the flag renderer knows. */
export type EtcdMinor = "3.5" | "3.6" | "3.7";

/**
 * The oldest patch of each minor that our machines run, and why. Joining as a learner and replacing a
 * member need these fixes (etcd's changelogs).
 */
const oldest: Readonly<Record<EtcdMinor, { version: string; reason: string }>> = {
  "3.5": {
    version: "3.5.32",
    reason:
      "older ones lose the learner flag or refuse a member while another is down, and 3.6 takes over only from 3.5.32",
  },
  "3.6": { version: "3.6.12", reason: "older ones lose the learner flag when a member is updated" },
  "3.7": {
    version: "3.7.1",
    reason: "3.7.0 can be stopped from outside in the TLS handshake (GHSA-6vch-q96h-7gc3)",
  },
};

export const minors = Object.keys(oldest) as EtcdMinor[];

/**
 * The minor of a full version: `etcdMinor("3.6.16")` is `"3.6"`.
 * @throws RangeError if we run no such minor; {@link versionProblem} says so in the user's terms.
 */
export function etcdMinor(version: string): EtcdMinor {
  const parsed = semver.parse(version);
  const minor = minors.find((known) => parsed !== null && known === `${parsed.major}.${parsed.minor}`);
  if (minor === undefined)
    throw new RangeError(`etcd ${version} is of no minor known here (${minors.join(", ")})`);
  return minor;
}

/** Why this etcd version cannot run here, or undefined. */
export function versionProblem(version: string): string | undefined {
  const parsed = semver.parse(version);
  if (parsed === null || parsed.version !== version) {
    return "must be a full semantic version such as 3.6.16 (quoted in YAML, without v)";
  }
  if (parsed.prerelease.length > 0) return "is a pre-release; only releases run here";
  const minor = minors.find((known) => known === `${parsed.major}.${parsed.minor}`);
  if (minor === undefined) return `is of no minor known here; ${minors.join(", ")} are`;
  const floor = oldest[minor];
  if (semver.lt(parsed, floor.version)) return `is older than ${floor.version}: ${floor.reason}`;
  return undefined;
}

/** A known fault that a later patch of the same minor fixes; the plan shows it as a warning. */
export function versionWarning(version: string): string | undefined {
  const handshakeFixed = { "3.5": "3.5.33", "3.6": "3.6.14", "3.7": "3.7.1" }[etcdMinor(version)];
  return semver.lt(version, handshakeFixed)
    ? `can be stopped from outside in the TLS handshake (GHSA-6vch-q96h-7gc3); fixed in ${handshakeFixed}`
    : undefined;
}

/** The oldest patch of each minor from which the next minor takes over (etcd's upgrade guides). */
const stepping: Readonly<Partial<Record<string, string>>> = { "3.5": "3.5.32", "3.6": "3.6.11" };

/**
 * Why a member that runs `from` cannot go to `to`, or undefined. One minor at a time in both directions; down only by
 * etcd's own downgrade, which goes one step.
 */
export function versionStepProblem(from: string, to: string): string | undefined {
  const [old, next] = [semver.parse(from), semver.parse(to)];
  if (old === null || next === null) return "no semantic versions";
  if (old.major !== next.major) return "another major version";
  if (Math.abs(next.minor - old.minor) > 1) return "one minor version at a time";
  const floor = stepping[`${old.major}.${old.minor}`];
  return next.minor > old.minor && floor !== undefined && semver.lt(old, floor)
    ? `every member must run ${floor} or later of its minor first`
    : undefined;
}
