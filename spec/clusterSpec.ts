import { z } from "zod";
import { sizeNames } from "./sizes";
import { isAddress, isSubnetRange } from "./subnets";
import { versionProblem } from "./versions";

/** A DNS label: what a cluster and a member may be called, as both become part of DNS names. */
const label = (longest: number) =>
  z
    .string()
    .regex(/^[a-z]([a-z0-9-]*[a-z0-9])?$/, "must be a DNS label: a–z, 0–9 and -, starting with a letter")
    .max(longest, `must have at most ${longest} characters`);

const id = (prefix: string) =>
  z
    .string()
    .regex(new RegExp(`^${prefix}-[0-9a-f]{8,17}$`), `must be an id such as ${prefix}-0123456789abcdef0`);

const memberSchema = z.strictObject({
  /** The member's name for good: part of its DNS name, its certificates and its tags. */
  name: label(32),
  /** The subnet, by its key in `network.subnets`. */
  subnet: z.string(),
  /** The fixed IPv4 address of the member's network interface. */
  address: z.string().refine(isAddress, "must be an IPv4 address"),
  /**
   * The dead (or healthy) member that this one takes the place of. Its volume stays declared, retired and
   * unprotected, until `replaces` is dropped.
   */
  replaces: z
    .strictObject({
      name: label(32),
      /** Where the retired volume lies. @default the newcomer's subnet */
      subnet: z.string().optional(),
    })
    .optional(),
  /** Run this member on `machine.fallbackInstanceType`, where EC2 has no capacity for the profile's type. */
  fallback: z.boolean().default(false),
});

const subnetSchema = z.strictObject({
  id: id("subnet"),
  /** Availability zone, as `eu-central-1a`. */
  zone: z
    .string()
    .regex(/^[a-z]{2}(-[a-z]+)+-\d[a-z]$/, "must be an availability zone such as eu-central-1a"),
  range: z.string().refine(isSubnetRange, "must be an IPv4 range of /16 to /28 without host bits"),
});

const sha256 = z.string().regex(/^[0-9a-f]{64}$/, "must be a SHA-256 in lower-case hex");

/** Everything that a stack declares of its cluster. Data only; defaults are filled in by parsing. */
export const clusterSchema = z.strictObject({
  /** Name of the cluster: part of DNS names, tags, and parameter names. */
  cluster: label(20),
  /** `testing` allows a single node; `production` does not, and protects what holds data. */
  environment: z.enum(["production", "testing"]),
  /** etcd's version, in full. */
  version: z.string().superRefine((version, context) => {
    const problem = versionProblem(version);
    if (problem !== undefined) context.addIssue({ code: "custom", message: problem });
  }),
  /** Where machines get etcd: `<mirror>/v<version>/etcd-v<version>-linux-<architecture>.tar.gz`. */
  mirror: z.url({ protocol: /^https?$/ }).default("https://github.com/etcd-io/etcd/releases/download"),
  /** SHA-256 of the release archive, by architecture. */
  checksums: z.strictObject({ amd64: sha256.optional(), arm64: sha256.optional() }).default({}),
  members: z.array(memberSchema),
  /** Size profile, see sizes.ts. */
  size: z.enum(sizeNames),
  machine: z.strictObject({
    /** Machine image, pinned by its id: an image that moves would replace machines unasked. */
    image: id("ami"),
    /** The image's architecture. */
    architecture: z.enum(["amd64", "arm64"]).default("amd64"),
    /** Instance type for members with `fallback: true`. */
    fallbackInstanceType: z
      .string()
      .regex(/^[a-z][a-z0-9-]*\.[a-z0-9-]+$/, "must be an EC2 instance type such as m6i.xlarge")
      .optional(),
    /** On-demand capacity reservation that the machines use. */
    capacityReservation: id("cr").optional(),
  }),
  network: z.strictObject({
    vpc: id("vpc"),
    /** Existing subnets by a short name of your own. */
    subnets: z.record(label(32), subnetSchema),
    /** Existing private hosted zone, associated with the VPC. */
    privateZone: z.strictObject({
      id: z.string().regex(/^Z[A-Z0-9]{6,31}$/, "must be a hosted zone's id such as Z0123456789ABCDEFGHIJ"),
      name: z
        .string()
        .regex(/^([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z]+$/, "must be a DNS domain such as etcd.internal"),
    }),
    /** Security groups of the machines that run API servers: they reach 2379. */
    apiServerSecurityGroups: z
      .array(id("sg"))
      .min(1, "must name at least one: without it no API server reaches etcd"),
    /** Security groups of what scrapes metrics: they reach 2381. */
    monitoringSecurityGroups: z.array(id("sg")).default([]),
    /**
     * How machines without public addresses reach AWS and the mirror: `endpoints`, VPC endpoints that are
     * declared, or the id of a NAT gateway. Endpoints answer for the whole VPC and reach no mirror on the
     * internet; a VPC that has some of its own already refuses them.
     */
    outbound: z
      .string()
      .regex(
        /^(endpoints|nat-[0-9a-f]{8,17})$/,
        "must be endpoints (VPC endpoints are declared) or the id of the NAT gateway that serves the subnets",
      ),
  }),
  apiServer: z
    .strictObject({
      /** What API servers are told: every member, or the load balancer's name. */
      endpoints: z.enum(["members", "loadBalancer"]).default("members"),
    })
    .prefault({}),
  /** How a new cluster finds its members: a fixed list, or SRV records of the private zone. */
  discovery: z.enum(["static", "dns"]).default("static"),
  /** etcd's tuning guide (https://etcd.io/docs/current/tuning/): raise for long ways, never lower. Milliseconds. */
  timeouts: z
    .strictObject({
      heartbeat: z.int().min(100, "must be at least 100 ms, etcd's default").default(100),
      election: z
        .int()
        .min(1000, "must be at least 1000 ms, etcd's default")
        .max(50_000, "must be at most 50000 ms, etcd's limit")
        .default(1000),
    })
    .prefault({}),
  backups: z
    .strictObject({
      /** Minutes between two snapshots. */
      interval: z
        .int()
        .min(5, "must be at least 5 minutes")
        .max(1440, "must be at most 1440 minutes")
        .default(30),
      /** Days a snapshot is kept. */
      retention: z.int().min(1, "must be at least 1 day").max(3650, "must be at most 3650 days").default(30),
      /** Minutes that a verified backup may be old for etcd's version to change. */
      freshWithin: z
        .int()
        .min(5, "must be at least 5 minutes")
        .max(1440, "must be at most 1440 minutes")
        .default(60),
    })
    .prefault({}),
  /** The check that every step passes which takes a member's machine down. */
  quorumGuard: z
    .strictObject({
      /** Minutes that it waits for members to be ready; 0 refuses at once. */
      wait: z.int().min(0, "must be 0 or more").max(120, "must be at most 120 minutes").default(20),
    })
    .prefault({}),
  volumeSnapshots: z
    .strictObject({
      /** Hours between two EBS snapshots, one of those that Data Lifecycle Manager takes. */
      interval: z
        .union(
          [1, 2, 3, 4, 6, 8, 12, 24].map((hours) => z.literal(hours)),
          { error: "must be 1, 2, 3, 4, 6, 8, 12 or 24 hours" },
        )
        .default(24),
      /** EBS snapshots kept for each volume. */
      retain: z.int().min(1, "must be at least 1").max(1000, "must be at most 1000, DLM's limit").default(7),
    })
    .prefault({}),
  /** The test that a disk passes before its member takes part for the first time. */
  admission: z
    .strictObject({
      /** Longest fdatasync of 99 in 100, milliseconds. @default 10, what etcd's FAQ asks of a disk */
      fsyncP99: z.number().min(1, "must be at least 1 ms").max(1000, "must be at most 1000 ms").default(10),
      /** What becomes of a member on a slower disk: it does not join, or it joins with a warning. */
      slowDisk: z.enum(["refuse", "warn"]).default("refuse"),
    })
    .prefault({}),
  /** CloudWatch alarms on members and machines. */
  alarms: z
    .strictObject({
      /** SNS topic, of the stack's region, that is told of them. */
      topicArn: z
        .string()
        .regex(
          /^arn:aws[a-z-]*:sns:[a-z]{2}(-[a-z]+)+-\d:\d{12}:[A-Za-z0-9_-]{1,256}$/,
          "must be the ARN of an SNS topic such as arn:aws:sns:eu-central-1:123456789012:etcd",
        ),
    })
    .optional(),
  /** Restore this snapshot as a new generation of the cluster. */
  restore: z
    .strictObject({
      snapshot: z.string().regex(/^(latest|s3:\/\/[a-z0-9.-]+\/.+)$/, "must be latest or s3://BUCKET/KEY"),
      generation: z.int().min(1, "must be 1 or more"),
    })
    .optional(),
  /** Protect volumes, bucket and balancer from deletion. @default true in production, false in testing */
  deletionProtection: z.boolean().optional(),
  /** Tags for every resource. */
  tags: z
    .record(
      z.string().regex(/^(?!aws:|etcd:)/, "must not begin with aws: (AWS' own) or etcd: (this project's)"),
      z.string(),
    )
    .default({}),
});

export type ClusterSpec = Omit<z.output<typeof clusterSchema>, "deletionProtection"> & {
  deletionProtection: boolean;
};
export type MemberSpec = ClusterSpec["members"][number];
export type Subnet = ClusterSpec["network"]["subnets"][string];
