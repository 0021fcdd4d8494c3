import type { Properties } from "../../../record/values";
import type { Declared } from "../declared";
import type { Break } from "./break";

const schedule = "aws:dlm/lifecyclePolicy:LifecyclePolicy";

/** Breaks of what is left when all members are lost: the bucket, and the volumes' snapshots. */
export const backups: Break[] = [
  {
    title: "no bucket",
    apply: (declared) => declared.remove(({ type }) => type.startsWith("aws:s3/")),
    foundBy: ["etcd-backups"],
  },
  {
    title: "a bucket that is not versioned",
    apply: (declared) =>
      declared.edit("aws:s3/bucketVersioning:BucketVersioning", /./, (inputs) => {
        inputs.versioningConfiguration = { status: "Suspended" };
      }),
    foundBy: ["etcd-backups"],
  },
  {
    title: "a bucket that may be made public",
    apply: (declared) =>
      declared.edit("aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock", /./, (inputs) => {
        inputs.restrictPublicBuckets = false;
      }),
    foundBy: ["etcd-backups"],
  },
  {
    title: "a bucket under S3's own key",
    apply: (declared) =>
      declared.edit(
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
    apply: (declared) => declared.remove(({ type }) => type === "aws:s3/bucketPolicy:BucketPolicy"),
    foundBy: ["etcd-backups"],
  },
  {
    title: "a stricter interval than the declared one",
    apply: (declared) => declared.editComponent("EtcdBackups", /./, (inputs) => (inputs.interval = 45)),
    foundBy: ["etcd-backups"],
    plainFoundBy: [],
    config: { "etcd-backups": { level: "mandatory", settings: { maxIntervalMinutes: 30 } } },
  },
  {
    title: "a snapshot every two hours",
    apply: (declared) => declared.editComponent("EtcdBackups", /./, (inputs) => (inputs.interval = 120)),
    foundBy: ["etcd-backups"],
    plainFoundBy: [],
  },
  {
    title: "no schedule",
    apply: (declared) => declared.remove(({ type }) => type === schedule),
    foundBy: ["etcd-volume-snapshots"],
  },
  {
    title: "a schedule whose tags match nothing",
    apply: (declared) =>
      details(declared, (policy) => (policy.targetTags = { "etcd:data-volume": "elsewhere" })),
    foundBy: ["etcd-volume-snapshots"],
  },
  {
    title: "a schedule that is off",
    apply: (declared) => declared.edit(schedule, /./, (inputs) => (inputs.state = "DISABLED")),
    foundBy: ["etcd-volume-snapshots"],
  },
  {
    title: "a schedule that keeps one snapshot",
    apply: (declared) =>
      details(declared, ({ schedules }) => {
        (schedules as { retainRule: object }[])[0]!.retainRule = { count: 1 };
      }),
    foundBy: ["etcd-volume-snapshots"],
  },
];

function details(declared: Declared, change: (policy: Properties) => void): void {
  declared.edit(schedule, /./, (inputs) => change(inputs.policyDetails as Properties));
}
