import type { z } from "zod";
import {
  authoritiesSchema,
  claimSchema,
  desiredSchema,
  foundingSchema,
  generationSchema,
  manifestSchema,
  memberSchema,
  statusSchema,
} from "../../contract/schemas";

/** A record of each kind with every field that it may have. */
export const samples = {
  desired: [
    desiredSchema,
    {
      version: 1,
      incarnation: "1b2c3d4e-0000-4000-8000-0123456789ab",
      generation: 2,
      discovery: "static",
      domain: "prod.etcd.internal",
      members: [
        { name: "member1", address: "10.0.1.11", dnsName: "member1.prod.etcd.internal" },
        { name: "member6", address: "10.0.1.12", dnsName: "member6.prod.etcd.internal", replaces: "member2" },
      ],
      admission: { fsyncP99: 10.5, slowDisk: "refuse" },
      backups: { interval: 30, bucket: "backups" },
      restore: { snapshot: "s3://backups/snapshots/a b.db", generation: 2, connectedClients: "refuse" },
      defragmentedBy: "kubernetes",
    },
  ],
  member: [
    memberSchema,
    {
      version: 1,
      volume: "vol-0123456789abcdef0",
      address: "10.0.1.11",
      dnsName: "member1.prod.etcd.internal",
    },
  ],
  founding: [
    foundingSchema,
    {
      version: 1,
      token: "prod-2-0123456789abcdef",
      members: [{ name: "member1", url: "https://10.0.1.11:2380" }],
      snapshot: "s3://backups/snapshots/20261124T220000Z.db",
      sha256: "0".repeat(64),
      versionId: "3sL4kqtJlcpXroDTDmJ.rmSpXd3dIbrHY",
    },
  ],
  generation: [
    generationSchema,
    {
      version: 1,
      token: "prod-2-0123456789abcdef",
      members: [{ name: "member1", url: "https://10.0.1.11:2380" }],
      createdBy: "member1",
      restore: {
        bucket: "backups",
        key: "snapshots/20261124T220000Z.db",
        versionId: "3sL4kqtJlcpXroDTDmJ.rmSpXd3dIbrHY",
        sha256: "0".repeat(64),
        size: 4096,
        revision: 3,
        etcdVersion: "3.6.16",
        bump: 1_000_000_000,
      },
    },
  ],
  manifest: [
    manifestSchema,
    {
      version: 1,
      snapshot: "snapshots/20261124T220000Z.db",
      versionId: "null",
      sha256: "f".repeat(64),
      size: 4096,
      cluster: "prod",
      incarnation: "1b2c3d4e",
      generation: 1,
      etcdVersion: "",
      hash: 4_294_967_295,
      revision: 3,
      totalKeys: 4,
      totalSize: 4096,
      seconds: 0,
      member: "member1",
      time: "2026-11-24T22:00:00Z",
    },
  ],
  status: [
    statusSchema,
    {
      version: 1,
      instance: "i-0123456789abcdef0",
      member: "member1",
      id: "8e9e05c521646940",
      voter: true,
      voters: 5,
      etcd: "active",
      ready: true,
      etcdVersion: "3.6.16",
      logOf35: false,
      databaseSize: 20,
      generation: 1,
      oldData: ["1.aside"],
      pki: {
        peer: {
          trusted: ["0".repeat(64), "1".repeat(64)],
          certificate: "2".repeat(64),
          until: "2027-11-24T22:00:00Z",
          issuer: "1".repeat(64),
        },
        client: {
          trusted: ["3".repeat(64)],
          certificate: "4".repeat(64),
          until: "2027-11-24T22:00:00Z",
          issuer: "3".repeat(64),
        },
      },
      message: "promoted to voter",
      time: "2026-11-24T22:00:00Z",
    },
  ],
  authorities: [
    authoritiesSchema,
    {
      version: 1,
      peer: {
        trusted: [
          { number: 1, sha256: "0".repeat(64) },
          { number: 2, sha256: "1".repeat(64) },
        ],
        issuer: 1,
      },
      client: { trusted: [{ number: 1, sha256: "2".repeat(64) }], issuer: 1 },
    },
  ],
  claim: [claimSchema, { version: 1, member: "member1", time: "2026-11-24T22:00:00Z" }],
} as const satisfies Record<string, readonly [z.ZodType, object]>;

/** What whoever means ill, or made a mistake, writes where something else belongs. */
export const hostile: readonly unknown[] = [
  "a[$(touch PWNED)]",
  "SECONDS[$(touch PWNED)0]",
  "$(touch PWNED)",
  "`touch PWNED`",
  "x; touch PWNED",
  "1\n2",
  "\n",
  "member1\n",
  'a"b',
  "a'b",
  "a\\",
  "../../../etc/passwd",
  "snapshots/../../x",
  "s3://backups/*",
  "s3://backups/a/../b",
  "s3://*/a",
  "--data-dir=/",
  "-x",
  "",
  " ",
  "null",
  "\u001b[2J\u001b]0;x\u0007",
  "\u202eevil",
  "é",
  "Ａ",
  "a".repeat(5000),
  "9".repeat(30),
  "0x10",
  "010",
  "1e3",
  null,
  true,
  false,
  0,
  -0,
  -1,
  1,
  1.5,
  99,
  100,
  999,
  1000,
  1e15,
  2 ** 53,
  2 ** 63,
  1e308,
  -1e308,
  5e-324,
  [],
  [[]],
  ["$(touch PWNED)"],
  {},
  { name: "member1" },
];

/** Every record that differs from a sample in one field, at any depth: another value there, or none. */
export function variants(sample: unknown): unknown[] {
  const isContainer = typeof sample === "object" && sample !== null;
  const below = !isContainer
    ? []
    : Object.entries(sample).flatMap(([key, value]) => {
        const copy = (other: unknown): unknown =>
          Array.isArray(sample)
            ? sample.map((each: unknown, index) => (String(index) === key ? other : each))
            : { ...sample, [key]: other };
        const without = Array.isArray(sample)
          ? []
          : [Object.fromEntries(Object.entries(sample).filter(([other]) => other !== key))];
        return [...without, ...variants(value).map(copy)];
      });
  return [sample, ...below, ...hostile];
}
