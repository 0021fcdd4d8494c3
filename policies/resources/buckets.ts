import type { StackResources } from "./index";
import { at, oneOrMany, refersTo, type Resource, type Value, type Values } from "./resource";

export const bucketTypes = ["aws:s3/bucket:Bucket", "aws:s3/bucketV2:BucketV2"];

/** What protects a bucket, from every resource and argument that says so. */
export interface Protection {
  /** Whether it is versioned, according to each of them. */
  versioned: Value[];
  /** Algorithms of default encryption. */
  algorithms: Value[];
  /** Properties of public access blocks. */
  blocked: Values[];
  /** Policies, JSON. */
  policies: Value[];
}

/**
 * Collects what protects a bucket: separate resources, under today's names and those that end in V2, and the bucket's
 * own arguments, single in `Bucket` and lists in `BucketV2`.
 */
export function protectionOf(bucket: Resource, stack: StackResources): Protection {
  const about = (name: string) =>
    ["", "V2"].flatMap((version) => {
      const type = `aws:s3/${name[0]!.toLowerCase()}${name.slice(1)}${version}:${name}${version}`;
      return stack
        .ofType(type)
        .filter((each) => refersTo(each, "bucket", bucket))
        .map(({ props }) => props);
    });
  const { props } = bucket;
  const inline = severalOf(props, "versioning", "versionings");
  const configurations = [
    ...about("BucketServerSideEncryptionConfiguration"),
    ...severalOf(props, "serverSideEncryptionConfiguration", "serverSideEncryptionConfigurations"),
  ];
  const rules = configurations.flatMap((each) => severalOf(each, "rule", "rules"));
  const defaults = rules.flatMap((each) =>
    severalOf(each, "applyServerSideEncryptionByDefault", "applyServerSideEncryptionByDefaults"),
  );
  return {
    versioned: [
      ...about("BucketVersioning").map((each) => enabled(at(each, "versioningConfiguration", "status"))),
      ...inline.map((each) => at(each, "enabled")),
    ],
    algorithms: defaults.map((each) => at(each, "sseAlgorithm")),
    blocked: about("BucketPublicAccessBlock"),
    policies: [...about("BucketPolicy").map(({ policy }) => policy), ...oneOrMany(props.policy)],
  };
}

/** The values under any of the names, single or in a list. */
function severalOf(holder: Value, ...names: string[]): Value[] {
  return names.flatMap((name) => oneOrMany(at(holder, name)));
}

function enabled(status: Value): Value {
  return typeof status === "string" ? status === "Enabled" : status;
}
