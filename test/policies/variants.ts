import { gzipSync } from "node:zlib";
import type { Properties } from "../../record/values";
import { configured, mime } from "../fixtures/userData";
import { instance, volume } from "./breaks/types";
import type { Declared } from "./declared";

/** Other ways to declare what the production stack does; no rule finds fault with one. */
export const variants: { title: string; apply: (declared: Declared) => void; undecidedBy?: string[] }[] = [
  {
    title: "versioning and encryption as a bucket's own arguments",
    apply: (declared) => {
      inlineBucket(declared, {
        versioning: { enabled: true },
        serverSideEncryptionConfiguration: { rule: { applyServerSideEncryptionByDefault: kms } },
      });
    },
  },
  {
    title: "the same of an older provider's BucketV2",
    apply: (declared) => {
      inlineBucket(declared, {
        versionings: [{ enabled: true }],
        serverSideEncryptionConfigurations: [{ rules: [{ applyServerSideEncryptionByDefaults: [kms] }] }],
      });
      for (const resource of declared.of("aws:s3/bucket:Bucket")) resource.type = "aws:s3/bucketV2:BucketV2";
    },
  },
  {
    title: "resources of an older provider for versioning and encryption",
    apply: (declared) => {
      for (const resource of declared.of("aws:s3/bucketVersioning:BucketVersioning"))
        resource.type = "aws:s3/bucketVersioningV2:BucketVersioningV2";
      for (const resource of declared.of(encryption))
        resource.type =
          "aws:s3/bucketServerSideEncryptionConfigurationV2:BucketServerSideEncryptionConfigurationV2";
    },
  },
  {
    title: "AWS Backup by a tag of the volumes",
    apply: (declared) =>
      awsBackup(declared, {
        selectionTags: [{ type: "STRINGEQUALS", key: "etcd:data-volume", value: "prod" }],
      }),
  },
  {
    title: "AWS Backup of the machines, by a condition on every resource",
    apply: (declared) =>
      awsBackup(declared, {
        resources: ["*"],
        conditions: [{ stringEquals: [{ key: "aws:ResourceTag/etcd:cluster", value: "prod" }] }],
      }),
  },
  {
    title: "tags by the provider's default tags",
    apply: (declared) =>
      declared.edit(instance, /./, (inputs) => {
        inputs.tagsAll = inputs.tags;
        inputs.tags = { Name: "member" };
      }),
  },
  {
    title: "gp2 of a size that has the IOPS",
    apply: (declared) =>
      declared.edit(volume, /./, (inputs) => {
        delete inputs.iops;
        delete inputs.throughput;
        Object.assign(inputs, { type: "gp2", size: 4000 });
      }),
  },
  {
    title: "etcd's configuration in a file",
    apply: (declared) => declared.editUserData(/member2$/, () => configured),
  },
  {
    title: "user data in MIME parts",
    apply: (declared) => declared.editUserData(/./, (text) => mime("#!/bin/bash\ntrue\n", text)),
  },
  {
    title: "user data of a launch template",
    apply: (declared) =>
      declared.edit(instance, /member2$/, (inputs, resource) => {
        const { userData, metadataOptions, ami: imageId } = inputs;
        for (const name of ["userData", "metadataOptions", "ami"]) delete inputs[name];
        const template = declared.add("aws:ec2/launchTemplate:LaunchTemplate", "members", {
          ...{ metadataOptions, imageId },
          userData: Buffer.from(String(userData)).toString("base64"),
        });
        inputs.launchTemplate = { id: declared.ref(template) };
        resource.propertyDependencies.launchTemplate = [template.urn];
      }),
  },
  {
    title: "a launch template of elsewhere",
    apply: (declared) =>
      declared.edit(instance, /member2$/, (inputs) => {
        for (const name of ["userData", "metadataOptions", "ami"]) delete inputs[name];
        inputs.launchTemplate = { id: "lt-0123456789abcdef0" };
      }),
    undecidedBy: [
      ...["etcd-dedicated-machines", "etcd-imdsv2", "etcd-no-public-address", "etcd-no-secrets-in-user-data"],
      ...["etcd-no-spot", "etcd-pinned-machine-image"],
      ...["etcd-tls-client-auth", "etcd-tls-peer-auth", "etcd-unique-ca"],
    ],
  },
  ...[
    { what: "broken gzip", given: gzipSync("x".repeat(100)).subarray(0, 20).toString("base64") },
    { what: "its SHA-1", given: "0123456789abcdef0123456789abcdef01234567" },
    { what: "an address to include", given: "#include\nhttps://example.org/user-data\n" },
  ].map(({ what, given }) => ({
    title: `user data that is ${what}`,
    apply: (declared: Declared) => declared.editUserData(/member2$/, () => given),
    undecidedBy: [
      ...["etcd-dedicated-machines", "etcd-no-secrets-in-user-data"],
      ...["etcd-tls-client-auth", "etcd-tls-peer-auth", "etcd-unique-ca"],
    ],
  })),
];

const kms = { sseAlgorithm: "aws:kms", kmsMasterKeyId: "key" };
const encryption = "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration";

function inlineBucket(declared: Declared, given: Properties): void {
  declared.edit("aws:s3/bucket:Bucket", /./, (inputs) => Object.assign(inputs, given));
  declared.remove(({ type }) => type === encryption || type === "aws:s3/bucketVersioning:BucketVersioning");
}

function awsBackup(declared: Declared, selection: Properties): void {
  declared.remove(({ type }) => type === "aws:dlm/lifecyclePolicy:LifecyclePolicy");
  const rules = [{ ruleName: "daily", schedule: "cron(0 5 * * ? *)", lifecycle: { deleteAfter: 14 } }];
  const plan = declared.add("aws:backup/plan:Plan", "daily", { rules });
  declared.add(
    "aws:backup/selection:Selection",
    "volumes",
    { planId: declared.ref(plan), ...selection },
    { planId: plan },
  );
}
