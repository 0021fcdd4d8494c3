import semver from "semver";

/** Programs of a machine's image that the machines' programs call, and that one package has. */
export interface ImageProgram {
  /** By command; `a|b` where one of them is enough. */
  commands: readonly string[];
  /** The oldest version that will do; any will where there is none. */
  least?: string;
  why: string;
  /** The package, by what installs it: `apt-get` in Debian and Ubuntu, `dnf` in Amazon Linux. */
  packages: { apt: string; dnf: string };
}

const inBoth = (name: string) => ({ apt: name, dnf: name });

/**
 * What a machine's image must have. The machine checks it (`machine/scripts/image`), the page on images shows it, and
 * preflight holds the images that it knows to it.
 */
export const imagePrograms: readonly ImageProgram[] = [
  {
    commands: ["curl"],
    least: "7.87",
    why: "older ones do not sign all headers that AWS wants signed, such as the session's token and S3's hash",
    packages: { apt: "curl", dnf: "curl-minimal" },
  },
  {
    commands: ["jq"],
    least: "1.6",
    why: "checks every record; 1.6 brought `@base64d` and `halt_error`",
    packages: inBoth("jq"),
  },
  {
    commands: ["python3"],
    least: "3.9",
    why: "measures the disk and hashes snapshots; 3.9 is the oldest among the images below",
    packages: inBoth("python3"),
  },
  {
    commands: ["bash"],
    least: "4.4",
    why: "runs the programs; 4.4 brought `inherit_errexit`",
    packages: inBoth("bash"),
  },
  {
    commands: ["systemctl", "systemd-sysusers"],
    least: "247",
    why: "runs etcd, makes its user, shuts its programs in; 247 brought `ProtectProc=`",
    packages: inBoth("systemd"),
  },
  { commands: ["tar"], why: "unpacks the bundle and etcd's release", packages: inBoth("tar") },
  { commands: ["gzip"], why: "the same, for tar", packages: inBoth("gzip") },
  {
    commands: ["blkid", "findmnt", "mount", "mountpoint", "nsenter"],
    why: "find out whether the data volume is blank, and mount it",
    packages: inBoth("util-linux"),
  },
  {
    commands: ["mkfs.xfs|mkfs.ext4"],
    why: "makes the file system of a blank data volume",
    packages: inBoth("xfsprogs"),
  },
  {
    commands: ["sha256sum", "base64", "mktemp", "sync"],
    why: "check and keep what is downloaded",
    packages: inBoth("coreutils"),
  },
  { commands: ["find", "xargs"], why: "go by the age of files", packages: inBoth("findutils") },
  { commands: ["grep"], why: "searches records and logs", packages: inBoth("grep") },
  { commands: ["sed"], why: "takes answers apart", packages: inBoth("sed") },
  { commands: ["awk"], why: "reads lists of members", packages: inBoth("gawk") },
  {
    commands: ["cmp"],
    why: "sees whether a volume's first bytes are all zeros",
    packages: inBoth("diffutils"),
  },
  {
    commands: ["getent"],
    why: "resolves members' names",
    packages: { apt: "libc-bin", dnf: "glibc-common" },
  },
];

/** The table as a machine reads it: a line a package, with its commands, least version (or -) and two names. */
export function imageTable(): string {
  return imagePrograms
    .map(
      ({ commands, least = "-", packages }) =>
        `${commands.join(",")} ${least} ${packages.apt} ${packages.dnf}\n`,
    )
    .join("");
}

/** A distribution's image, and which versions its packages have. */
export interface KnownImage {
  name: string;
  /** What its publisher calls it in EC2. */
  published: RegExp;
  versions: Readonly<Record<"curl" | "jq" | "python3" | "systemctl", string>>;
  /** Whether drills run on it; what is said of the others is from their package lists. */
  drilled: boolean;
}

const versions = (curl: string, jq: string, python3: string, systemctl: string) => ({
  curl,
  jq,
  python3,
  systemctl,
});

export const knownImages: readonly KnownImage[] = [
  {
    name: "Debian 12",
    published: /^debian-12-/,
    versions: versions("7.88", "1.6", "3.11", "252"),
    drilled: true,
  },
  {
    name: "Debian 13",
    published: /^debian-13-/,
    versions: versions("8.14", "1.7", "3.13", "257"),
    drilled: true,
  },
  {
    name: "Ubuntu 24.04",
    published: /ubuntu-noble-24\.04-/,
    versions: versions("8.5", "1.7", "3.12", "255"),
    drilled: false,
  },
  {
    name: "Amazon Linux 2023",
    published: /^al2023-ami-/,
    versions: versions("8", "1.7", "3.9", "252"),
    drilled: false,
  },
  {
    name: "Ubuntu 22.04",
    published: /ubuntu-jammy-22\.04-/,
    versions: versions("7.81", "1.6", "3.10", "249"),
    drilled: false,
  },
  { name: "RHEL 9", published: /^RHEL-9\./, versions: versions("7.76", "1.6", "3.9", "252"), drilled: false },
];

/** What of a known image is older than machines need, such as `curl 7.81 (7.87 is the least)`. */
export function outdated({ versions }: Pick<KnownImage, "versions">): string[] {
  return imagePrograms.flatMap(({ commands: [command], least }) => {
    const own = versions[command as keyof typeof versions] as string | undefined;
    if (least === undefined || own === undefined || semver.gte(semver.coerce(own)!, semver.coerce(least)!))
      return [];
    return [`${command} ${own} (${least} is the least)`];
  });
}
