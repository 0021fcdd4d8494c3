import { z } from "zod";
import type { Cluster, StackResources } from "../resources";
import { bucketTypes, protectionOf } from "../resources/buckets";
import { at, notSeen, oneOrMany, shown, unknown, type Resource, type Value } from "../resources/resource";
import { rule, type Finding, type Undecided } from "../rule";

export const backups = rule({
  name: "etcd-backups",
  rule: "A production cluster's snapshots go at least hourly to a bucket that is versioned, encrypted under KMS, private and reachable over TLS only",
  source: "Kubernetes: Operating etcd clusters, Backing up an etcd cluster; AWS S3: Security best practices",
  level: "mandatory",
  settings: z.strictObject({
    maxIntervalMinutes: z.int().min(1).max(60).default(60).describe("Minutes between two snapshots at most"),
  }),
  *check(stack, { maxIntervalMinutes }) {
    for (const cluster of stack.clusters) {
      if (cluster.environment === "testing") continue;
      const buckets = bucketTypes.flatMap((type) => stack.tagged(type, cluster));
      if (buckets.length === 0) {
        yield {
          resource: cluster.resource,
          problem: `no bucket carries the tag etcd:cluster=${cluster.name}: nothing would be left to restore`,
          mend: "Declare a bucket for its snapshots (EtcdBackups), with that tag",
        };
      }
      for (const bucket of buckets) yield* judgeBucket(stack, bucket);
      yield* judgeInterval(stack, cluster, maxIntervalMinutes);
    }
  },
});

function* judgeBucket(stack: StackResources, resource: Resource): Generator<Finding | Undecided> {
  const { versioned, algorithms, blocked, policies } = protectionOf(resource, stack);
  if (!versioned.includes(true) && versioned.includes(unknown)) {
    yield { resource, undecided: notSeen(resource, "its versioning") };
  } else if (!versioned.includes(true)) {
    yield {
      resource,
      problem: "not versioned",
      mend: "Enable versioning: a snapshot overwritten is a snapshot lost",
    };
  }
  const underKms = algorithms.some((each) => each === "aws:kms" || each === "aws:kms:dsse");
  if (!underKms && algorithms.includes(unknown)) {
    yield { resource, undecided: notSeen(resource, "its encryption") };
  } else if (!underKms) {
    yield {
      resource,
      problem: "not encrypted by KMS, and a snapshot holds every Kubernetes Secret",
      mend: "Encrypt it under a customer-managed key",
    };
  }
  const blocks = ["blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets"];
  const open = blocks.filter((block) => !blocked.some((props) => props[block] === true));
  if (open.length > 0)
    yield {
      resource,
      problem: `public access is not blocked (${open.join(", ")})`,
      mend: "Set all four to true",
    };

  if (policies.some(deniesPlainHttp)) return;
  if (policies.includes(unknown)) {
    yield { resource, undecided: notSeen(resource, "its policy") };
  } else {
    yield {
      resource,
      problem: "no policy denies plain http",
      mend: "Deny every action where aws:SecureTransport is false",
    };
  }
}

function deniesPlainHttp(policy: Value): boolean {
  try {
    const document = typeof policy === "string" ? (JSON.parse(policy) as Value) : policy;
    return oneOrMany(at(document, "Statement")).some(
      (each) =>
        at(each, "Effect") === "Deny" &&
        oneOrMany(at(each, "Condition", "Bool", "aws:SecureTransport"))
          .map(shown)
          .includes("false"),
    );
  } catch {
    return false;
  }
}

function* judgeInterval(
  stack: StackResources,
  { name }: Cluster,
  max: number,
): Generator<Finding | Undecided> {
  for (const resource of stack.ofType("etcd:index:EtcdBackups")) {
    const { cluster, interval } = resource.props;
    if (cluster !== name) continue;
    if (interval === unknown)
      yield { resource, undecided: "its interval is a secret or known only after a deployment" };
    if (typeof interval === "number" && interval > max) {
      yield {
        resource,
        problem: `a snapshot every ${interval} minutes, less often than every ${max}`,
        mend: `Set backups.interval to ${max} or less`,
      };
    }
  }
}
