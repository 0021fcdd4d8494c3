import type { Properties } from "../../../rehearsal/recorder/values";
import type { World } from "../world";
import type { Break } from "./break";

const schedule = "aws:dlm/lifecyclePolicy:LifecyclePolicy";

/** Breaks of what is left when all members are lost: the bucket, and the volumes' snapshots. */
export const backups: Break[] = [
  {
    title: "no bucket",
    apply: (world) => world.remove(({ type }) => type.startsWith("aws:s3/")),
    foundBy: ["etcd-backups"],
  },
  {
    title: "a bucket that is not versioned",
    apply: (world) =>
      world.edit("aws:s3/bucketVersioning:BucketVersioning", /./, (inputs) => {
        inputs.versioningConfiguration = { status: "Suspended" };
      }),
    foundBy: ["etcd-backups"],
  },
  {
    title: "a bucket that may be made public",
    apply: (world) =>
      world.edit("aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock", /./, (inputs) => {
        inputs.restrictPublicBuckets = false;
      }),
    foundBy: ["etcd-backups"],
  },
  {
    title: "a bucket under S3's own key",
    apply: (world) =>
      world.edit(
        "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
        /./,
        (inputs) => {
          inputs.rules = [{ applyServerSideEncryptionByDefault: { sseAlgorithm: "AES256" } }];
        },
      ),
    foundBy: ["etcd-backups"],
  },
  {
    title: "a bucket that answers plain http",
    apply: (world) => world.remove(({ type }) => type === "aws:s3/bucketPolicy:BucketPolicy"),
    foundBy: ["etcd-backups"],
  },
  {
    title: "a stricter interval than the declared one",
    apply: (world) => world.editComponent("EtcdBackups", /./, (inputs) => (inputs.interval = 45)),
    foundBy: ["etcd-backups"],
    plainFoundBy: [],
    config: { "etcd-backups": { level: "mandatory", settings: { maxIntervalMinutes: 30 } } },
  },
  {
    title: "a snapshot every two hours",
    apply: (world) => world.editComponent("EtcdBackups", /./, (inputs) => (inputs.interval = 120)),
    foundBy: ["etcd-backups"],
    plainFoundBy: [],
  },
  {
    title: "no schedule",
    apply: (world) => world.remove(({ type }) => type === schedule),
    foundBy: ["etcd-volume-snapshots"],
  },
  {
    title: "a schedule whose tags match nothing",
    apply: (world) => details(world, (policy) => (policy.targetTags = { "etcd:data-volume": "elsewhere" })),
    foundBy: ["etcd-volume-snapshots"],
  },
  {
    title: "a schedule that is off",
    apply: (world) => world.edit(schedule, /./, (inputs) => (inputs.state = "DISABLED")),
    foundBy: ["etcd-volume-snapshots"],
  },
  {
    title: "a schedule that keeps one snapshot",
    apply: (world) =>
      details(world, ({ schedules }) => {
        (schedules as { retainRule: object }[])[0]!.retainRule = { count: 1 };
      }),
    foundBy: ["etcd-volume-snapshots"],
  },
];

function details(world: World, change: (policy: Properties) => void): void {
  world.edit(schedule, /./, (inputs) => change(inputs.policyDetails as Properties));
}
