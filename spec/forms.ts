import { z } from "zod";

/**
 * The forms of single values that Pulumi, machines and operators exchange: pattern, maximum length, and name in an
 * error. `machine/scripts/contract.jq` and `machine/scripts/forms.sh` have the same ones under the same names, which a
 * test checks; so patterns use only what JavaScript, jq and bash read alike.
 */
export const textForms = {
  /** A DNS label: names of clusters and members. */
  name: ["[a-z]([a-z0-9-]*[a-z0-9])?", 63, "a DNS label such as member1"],
  domain: ["([a-z0-9]([a-z0-9-]*[a-z0-9])?[.])+[a-z]+", 253, "a DNS name such as member1.prod.etcd.internal"],
  address: [
    "((25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])[.]){3}(25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])",
    15,
    "an IPv4 address",
  ],
  /** Names the cluster's KMS key. */
  incarnation: ["[0-9A-Za-z][0-9A-Za-z-]*", 64, "a KMS key's id"],
  token: ["[0-9A-Za-z][0-9A-Za-z-]*", 128, "a token of letters, digits and -"],
  peerUrl: ["https://[a-z0-9]([a-z0-9.-]*[a-z0-9])?:2380", 266, "a peer URL such as https://10.0.1.11:2380"],
  sha256: ["[0-9a-f]{64}", 64, "a SHA-256 in lower-case hex"],
  volume: ["vol-[0-9a-f]{8,17}", 21, "a volume's id such as vol-0123456789abcdef0"],
  instance: ["i-[0-9a-z]+", 32, "an instance's id such as i-0123456789abcdef0"],
  /** etcd's id of a member; empty while the cluster does not list it. */
  memberId: ["[0-9a-f]*", 16, "a member's id in hex"],
  bucket: ["[a-z0-9][a-z0-9.-]+[a-z0-9]", 63, "a bucket's name"],
  /**
   * Excludes what has a meaning in IAM's patterns (`*`, `?`, `$`), what jq 1.6 does not escape as S3 signs it (`!'()`),
   * and the parts `.` and `..`, which curl resolves.
   */
  objectKey: [
    "[A-Za-z0-9_=+@:,&~ -][A-Za-z0-9_=+@:,&~ .-]*(/[A-Za-z0-9_=+@:,&~ -][A-Za-z0-9_=+@:,&~ .-]*)*",
    1024,
    "an object's key of letters, digits, spaces and _=+@:,&~.-, with single /, no part beginning with .",
  ],
  /** `null` in a bucket that keeps no versions. */
  versionId: ["[0-9A-Za-z._-]+", 128, "an object version's id"],
  snapshotKey: [
    "snapshots/[0-9A-Za-z][0-9A-Za-z._-]*[.]db",
    128,
    "a key such as snapshots/20261124T220000Z.db",
  ],
  /** Empty if a snapshot names none, or if etcd does not answer. */
  etcdVersion: [
    "([0-9]{1,3}[.][0-9]{1,3}[.][0-9]{1,4}(-[0-9A-Za-z.-]+)?)?",
    32,
    "a version of etcd such as 3.6.16",
  ],
  time: [
    "20[0-9]{2}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]([.][0-9]{1,3})?Z",
    24,
    "a time such as 2026-11-24T22:00:00Z",
  ],
  /** systemd's state of a unit. */
  unitState: ["[a-z-]+", 32, "a unit's state such as active"],
  /** Name of a directory beside etcd's data. */
  directory: ["[0-9A-Za-z][0-9A-Za-z._-]*", 64, "a directory's name"],
} as const satisfies Record<string, readonly [pattern: string, longest: number, what: string]>;

/** Whole numbers, by minimum and maximum. Beyond 2^53 - 1 neither jq nor JavaScript tells numbers apart. */
export const numberForms = {
  /** Three digits at most: roles' policies match generations by their number of digits. */
  generation: [1, 999],
  /** 0 while a volume holds no data. */
  heldGeneration: [0, 999],
  voters: [0, 99],
  minutes: [5, 1440],
  revision: [0, Number.MAX_SAFE_INTEGER],
  bytes: [0, Number.MAX_SAFE_INTEGER],
  mebibytes: [0, 1_048_576],
  bump: [1, 1_000_000_000_000],
  keys: [0, Number.MAX_SAFE_INTEGER],
  /** CRC-32. */
  hash: [0, 4_294_967_295],
  seconds: [0, 1_000_000],
} as const satisfies Record<string, readonly [least: number, most: number]>;

export type TextForm = keyof typeof textForms;
export type NumberForm = keyof typeof numberForms;

/** A text of a form. */
export function text(form: TextForm) {
  const [pattern, longest, what] = textForms[form];
  const whole = new RegExp(`^(?:${pattern})$`);
  return z.string(`must be ${what}`).refine((value) => value.length <= longest && whole.test(value), {
    error: `must be ${what}, ${longest} characters at most`,
  });
}

/** A whole number of a form. */
export function number(form: NumberForm) {
  const [least, most] = numberForms[form];
  const rule = `must be a whole number from ${least} to ${most}`;
  return z.int(rule).min(least, rule).max(most, rule);
}

const place = /^s3:\/\/([^/]+)\/([^]+)$/;

/** An object in S3 as `s3://BUCKET/KEY`, or `latest`, the newest backup. */
export const snapshotPlace = z.string("must be latest or s3://BUCKET/KEY").refine((value) => {
  if (value === "latest") return true;
  const [, bucket, key] = place.exec(value) ?? [];
  return text("bucket").safeParse(bucket).success && text("objectKey").safeParse(key).success;
}, `must be latest or s3://BUCKET/KEY, KEY being ${textForms.objectKey[2]}: IAM reads *, ? and $ as patterns`);
