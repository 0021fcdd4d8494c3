import { z } from "zod";
import { number, snapshotPlace, text } from "./forms";
import { sizeNames } from "./sizes";
import { clusterNameProblems } from "./aws/names";
import { findPartition, parseArn, regionOfZone } from "./aws/partitions";
import { mirrorProblem } from "./mirror";
import { pkiSchema } from "./pki";
import { proxyProblem } from "./proxy";
import { secretText } from "./secret";
import { isAddress, isSubnetRange } from "./subnets";
import { versionProblem } from "./versions";

/** A DNS label: names of clusters and members become part of DNS names. */
const label = (longest: number) =>
  z
    .string()
    .regex(/^[a-z]([a-z0-9-]*[a-z0-9])?$/, "must be a DNS label: a–z, 0–9 and -, starting with a letter")
    .max(longest, `must have at most ${longest} characters`);

const id = (prefix: string) =>
  z
    .string()
    .regex(
      new RegExp(`^${prefix}-([0-9a-f]{8}|[0-9a-f]{17})$`),
      `must be an id such as ${prefix}-0123456789abcdef0`,
    );

/** Members are reached over IPv4 only: rules, certificates and endpoints name IPv4 addresses. */
const ipv4 = (holds: (text: string) => boolean, rule: string) =>
  z.string().superRefine((value, context) => {
    if (holds(value)) return;
    const message = value.includes(":") ? `is IPv6, which members do not speak; ${rule}` : rule;
    context.addIssue({ code: "custom", message });
  });

const memberSchema = z.strictObject({
  /** The member's permanent name: part of its DNS name, its certificates and its tags. */
  name: label(32),
  /** The subnet, by its key in `network.subnets`. */
  subnet: z.string(),
  /** The fixed IPv4 address of the member's network interface. */
  address: ipv4(isAddress, "must be an IPv4 address"),
  /**
   * The member, dead or healthy, whose place this one takes. Its volume stays declared, retired and unprotected, until
   * `replaces` is dropped.
   */
  replaces: z
    .strictObject({
      name: label(32),
      /** The retired volume's subnet. @default the newcomer's */
      subnet: z.string().optional(),
    })
    .optional(),
  /** Run this member on `machine.fallbackInstanceType`, for when EC2 has no capacity for the profile's type. */
  fallback: z.boolean().default(false),
  /**
   * On-demand capacity reservation that the member's machine uses, for its zone and instance type. The machine is then
   * outside the spread placement group, because AWS allows no reservations in one.
   */
  capacityReservation: id("cr").optional(),
});

const subnetSchema = z.strictObject({
  id: id("subnet"),
  /** Name of the zone, such as `eu-central-1a`; Local and Wavelength Zones have longer ones. */
  zone: z
    .string()
    .refine(
      (zone) => findPartition(regionOfZone(zone) ?? "") !== undefined,
      "must be the name of a zone such as eu-central-1a (not its id, such as euc1-az1)",
    ),
  range: ipv4(isSubnetRange, "must be an IPv4 range of /16 to /28 without host bits"),
});

/** Five fields of numbers, names, lists, ranges and steps (https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/#schedule-syntax). */
function isCronExpression(text: string): boolean {
  const field = /^(\*|[0-9A-Za-z]+(-[0-9A-Za-z]+)?)(\/\d+)?(,(\*|[0-9A-Za-z]+(-[0-9A-Za-z]+)?)(\/\d+)?)*$/;
  const fields = text.split(" ");
  return fields.length === 5 && fields.every((each) => field.test(each));
}

/** A standard topic: alarms accept no FIFO topic (https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/US_SetupSNS.html). */
function isTopicArn(text: string): boolean {
  const arn = parseArn(text);
  return (
    arn?.service === "sns" &&
    arn.account !== undefined &&
    findPartition(arn.region)?.id === arn.partition &&
    /^[A-Za-z0-9_-]{1,256}$/.test(arn.resource)
  );
}

/**
 * TLS 1.2 cipher suites, forward secret and authenticated, for this project's certificates, which have ECDSA keys
 * (https://pkg.go.dev/crypto/tls#pkg-constants).
 */
const cipherSuites = [
  "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
  "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
  "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
] as const;

const sha256 = z.string().regex(/^[0-9a-f]{64}$/, "must be a SHA-256 in lower-case hex");

/** Everything that a stack declares about its cluster. Data only; parsing fills in defaults. */
export const clusterSchema = z.strictObject({
  /** Name of the cluster: part of DNS names, tags, and parameter names. */
  cluster: label(20).superRefine((cluster, context) => {
    for (const message of clusterNameProblems(cluster)) context.addIssue({ code: "custom", message });
  }),
  /** `testing` allows a single node; `production` does not, and protects what holds data. */
  environment: z.enum(["production", "testing"]),
  /** etcd's version, in full. */
  version: z.string().superRefine((version, context) => {
    const problem = versionProblem(version);
    if (problem !== undefined) context.addIssue({ code: "custom", message: problem });
  }),
  /** Where machines get etcd: `<mirror>/v<version>/etcd-v<version>-linux-<architecture>.tar.gz`. */
  mirror: z
    .url({ protocol: /^https?$/ })
    .superRefine((mirror, context) => {
      const message = mirrorProblem(mirror);
      if (message !== undefined) context.addIssue({ code: "custom", message });
    })
    .default("https://github.com/etcd-io/etcd/releases/download"),
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
    fallbackInstanceType: z.string().optional(),
    /** On-demand capacity reservation for every machine without its own; all of them must share one zone and type. */
    capacityReservation: id("cr").optional(),
    /**
     * Whether a machine installs what its image lacks, by `apt-get` or `dnf`. @default true, but false where the way
     * out ends at VPC endpoints, which lead to no packages
     */
    install: z.boolean().optional(),
  }),
  network: z.strictObject({
    vpc: id("vpc"),
    /** Existing subnets by a short name of your own. */
    subnets: z.record(label(32), subnetSchema),
    /**
     * Keys of the subnets that the load balancer and the VPC endpoints use, for zones with more than one subnet. A
     * balancer that loses a subnet is replaced: name them before a second subnet joins a zone.
     * @default in each zone, the first by its key
     */
    entrySubnets: z.array(z.string()).optional(),
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
     * How machines without public addresses reach AWS and the mirror:
     * - `endpoints`: VPC endpoints, which this stack makes. They answer for the whole VPC and reach no mirror on the
     *   internet; AWS refuses them in a VPC that already has some.
     * - `existingEndpoints`: VPC endpoints that already exist, for example another cluster's in the same VPC.
     * - the id of the NAT gateway or of the transit gateway that the subnets' routes lead to.
     * - `external`: routes that lead elsewhere, for example to a firewall.
     */
    outbound: z
      .string()
      .regex(
        /^(endpoints|existingEndpoints|external|(nat|tgw)-([0-9a-f]{8}|[0-9a-f]{17}))$/,
        "must be endpoints (this stack makes VPC endpoints), existingEndpoints (the VPC has them), the id of the NAT or transit gateway that serves the subnets (nat-…, tgw-…), or external (routed elsewhere, for example to a firewall)",
      ),
    /**
     * The http proxy through which machines reach AWS and the mirror, for example `http://10.0.0.8:3128`; `outbound`
     * names the way that it stands on. Machines never ask it for members, EC2's metadata service, private addresses or
     * names in `privateZone`. A proxy with a host name must have a private address. Session Manager's agent comes with
     * the image, and the image must tell it the proxy.
     */
    proxy: z
      .string()
      .superRefine((proxy, context) => {
        const message = proxyProblem(proxy);
        if (message !== undefined) context.addIssue({ code: "custom", message });
      })
      .optional(),
    /** With `existingEndpoints`: the prefix list of the VPC's gateway endpoint for S3. */
    s3PrefixList: id("pl").optional(),
    /**
     * The VPC's own DNS servers, as its DHCP options name them: members reach port 53 there. Unset, the VPC's resolver
     * answers, and security groups do not apply to it.
     */
    dnsServers: z
      .array(ipv4(isAddress, "must be an IPv4 address"))
      .max(4, "are more than the four that DHCP options take")
      .default([]),
  }),
  apiServer: z
    .strictObject({
      /** What API servers are told: every member, or the load balancer's name. */
      endpoints: z.enum(["members", "loadBalancer"]).default("members"),
    })
    .prefault({}),
  /** How a new cluster finds its members: a fixed list, or SRV records of the private zone. */
  discovery: z.enum(["static", "dns"]).default("static"),
  /**
   * etcd's tuning guide (https://etcd.io/docs/current/tuning/): raise them for long distances, never lower them.
   * Milliseconds.
   */
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
  /**
   * `--max-request-bytes`: the largest request that etcd accepts, in bytes. etcd's Go client, and so an API server,
   * sends 2 MiB at most. @default etcd's own, 1.5 MiB, without which API servers could not store what they accept
   */
  maxRequestBytes: z
    .int()
    .min(1_572_864, "must be at least 1572864, etcd's default")
    .max(10_485_760, "must be at most 10485760, the most that etcd advises")
    .optional(),
  /** What etcd demands of TLS, from clients and members alike. */
  tls: z
    .strictObject({
      /** `--tls-min-version`. @default etcd's own, TLS1.2 */
      minVersion: z.enum(["TLS1.2", "TLS1.3"]).optional(),
      /** `--cipher-suites` of TLS 1.2; those of TLS 1.3 are not configurable. @default Go's own */
      cipherSuites: z.array(z.enum(cipherSuites)).min(1, "must name at least one").optional(),
    })
    .prefault({}),
  /** etcd's own CAs and certificates, apart from Kubernetes'. */
  pki: pkiSchema,
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
      /** Age in minutes that the newest verified backup may have when etcd's version changes. */
      freshWithin: z
        .int()
        .min(5, "must be at least 5 minutes")
        .max(1440, "must be at most 1440 minutes")
        .default(60),
    })
    .prefault({}),
  /** The check before every step that takes a member's machine down. */
  quorumGuard: z
    .strictObject({
      /** Minutes that it waits for members to be ready; 0 refuses at once. */
      wait: z.int().min(0, "must be 0 or more").max(120, "must be at most 120 minutes").default(20),
    })
    .prefault({}),
  volumeSnapshots: z
    .strictObject({
      /** Hours between two EBS snapshots; Data Lifecycle Manager accepts only these. */
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
  /** The test that a disk must pass before its member joins for the first time. */
  admission: z
    .strictObject({
      /** Highest 99th percentile of fdatasync, in milliseconds. @default 10, as etcd's FAQ advises */
      fsyncP99: z.number().min(1, "must be at least 1 ms").max(1000, "must be at most 1000 ms").default(10),
      /** What happens to a member on a slower disk: it does not join, or it joins with a warning. */
      slowDisk: z.enum(["refuse", "warn"]).default("refuse"),
    })
    .prefault({}),
  /** CloudWatch alarms on members and machines. */
  alarms: z
    .strictObject({
      /** SNS topic that they notify, in the stack's region. It may be a secret: nothing else depends on it. */
      topicArn: z
        .string()
        .refine(
          (arn) => arn === secretText || isTopicArn(arn),
          "must be the ARN of an SNS topic such as arn:aws:sns:eu-central-1:123456789012:etcd, with its region's partition",
        ),
    })
    .optional(),
  /** Defragmentation by a CronJob in the Kubernetes cluster. Unset, the members defragment on a timer of their own. */
  defragmentation: z
    .strictObject({
      /** When to check whether it is worth it: a cron expression of five fields, in UTC. */
      schedule: z.string().refine(isCronExpression, "must be a cron expression such as 30 2 * * 0"),
      /** Path of a kubeconfig to apply the CronJob with. @default none: its manifests are a stack output */
      kubeconfig: z.string().min(1, "must be a path").optional(),
      /** etcd-defrag's image, from your own registry or by digest. */
      image: z
        .string()
        .regex(
          /^[a-z0-9][\w.:/-]*(:[\w.-]+|@sha256:[0-9a-f]{64})$/,
          "must be an image with its tag or digest",
        )
        .refine((image) => !image.endsWith(":latest"), "must not be latest, which moves")
        .optional(),
    })
    .optional(),
  /**
   * Restore this snapshot as a new generation of the cluster. It stays declared afterwards, because the cluster keeps
   * this generation.
   */
  restore: z
    .strictObject({
      /** `latest` is the newest backup that `pulumi up` finds: in production, name the one that you proved instead. */
      snapshot: snapshotPlace,
      /** The SHA-256 that the snapshot must have, in hex, as `npm run backups` lists it. @default any */
      sha256: text("sha256").optional(),
      /** Its version in the bucket. @default the newest, or its manifest's */
      versionId: text("versionId").optional(),
      /** One more than the last; 1 for a new cluster that begins with another cluster's snapshot. */
      generation: number("generation"),
      /**
       * Whether a member with connected clients, such as API servers that were not stopped, holds up the restore until
       * they are gone (`refuse`) or goes on (`ignore`).
       */
      connectedClients: z.enum(["refuse", "ignore"]).default("refuse"),
    })
    .refine(
      ({ snapshot, sha256, versionId }) => snapshot !== "latest" || (sha256 ?? versionId) === undefined,
      {
        path: ["snapshot"],
        error: "must name the snapshot, s3://BUCKET/KEY, that sha256 and versionId belong to",
      },
    )
    .optional(),
  /** Protect volumes, bucket and balancer from deletion. @default true in production, false in testing */
  deletionProtection: z.boolean().optional(),
  /** Tags for every resource; a value may be a secret. */
  tags: z.record(z.string(), z.string()).default({}),
});

type Parsed = z.output<typeof clusterSchema>;
export type ClusterSpec = Omit<Parsed, "deletionProtection" | "machine"> & {
  deletionProtection: boolean;
  machine: Omit<Parsed["machine"], "install"> & { install: boolean };
};
export type MemberSpec = ClusterSpec["members"][number];
export type Subnet = ClusterSpec["network"]["subnets"][string];
