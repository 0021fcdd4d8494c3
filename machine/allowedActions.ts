import {
  bundlesParameters,
  desiredParameter,
  foundingParameter,
  incarnationParameters,
  memberParameter,
  memberPkiParameters,
} from "../contract/paths";

/** One statement of an IAM policy document. */
export interface Statement {
  Sid: string;
  Effect: "Allow";
  Action: string[];
  Resource: string[];
  Condition?: Record<string, Record<string, string | string[]>>;
}

/** Where a member's role may act. */
export interface RoleScope {
  /** `arn:<partition>:ssm:<region>:<account>:parameter`, to which a parameter's name is appended. */
  parameterArnPrefix: string;
  cluster: string;
  member: string;
  /** ARN of the cluster's KMS key. */
  keyArn: string;
  /** ARN of the backup bucket, if there is one. */
  bucketArn?: string;
  /** ARN of a snapshot declared for a restore, in whatever bucket. */
  snapshotArn?: string;
}

/**
 * Every AWS action that an etcd machine may take, and on what. A member reads its own secrets and what is declared
 * and reported about the cluster, writes its own reports, and is open to operators through Session Manager.
 * Components, policies and drills read this one table.
 */
export function allowedActions(scope: RoleScope): Statement[] {
  const arn = (name: string) => `${scope.parameterArnPrefix}${name}`;
  const own = arn(memberPkiParameters(scope.cluster, scope.member));
  const incarnations = arn(incarnationParameters(scope.cluster));
  return [
    {
      Sid: "ReadOwnSecrets",
      Effect: "Allow",
      Action: ["ssm:GetParametersByPath"],
      // The request names the path; the answer contains what is below it.
      Resource: [own, `${own}/*`],
    },
    {
      Sid: "DecryptOwnSecrets",
      Effect: "Allow",
      Action: ["kms:Decrypt"],
      Resource: [scope.keyArn],
      // Parameter Store passes the parameter's ARN to KMS, so another member's secret cannot be decrypted.
      Condition: { StringLike: { "kms:EncryptionContext:PARAMETER_ARN": `${own}/*` } },
    },
    {
      Sid: "ReadPrograms",
      Effect: "Allow",
      Action: ["ssm:GetParametersByPath"],
      Resource: [`${arn(bundlesParameters(scope.cluster))}/*`],
    },
    {
      Sid: "ReadRecords",
      Effect: "Allow",
      Action: ["ssm:GetParameters"],
      Resource: [
        arn(desiredParameter(scope.cluster)),
        arn(foundingParameter(scope.cluster, "*")),
        arn(memberParameter(scope.cluster, scope.member)),
        `${incarnations}/*`,
      ],
    },
    {
      Sid: "CreateRecords",
      Effect: "Allow",
      Action: ["ssm:PutParameter"],
      Resource: [
        // A generation's record, by its number: this excludes what other members write below it.
        ...["?", "??", "???"].map((number) => `${incarnations}/*/generations/${number}`),
        `${incarnations}/*/generations/*/started/${scope.member}`,
      ],
      // These are facts: written once, and nobody may change them
      // (https://docs.aws.amazon.com/systems-manager/latest/userguide/parameter-store-policy-conditions.html).
      Condition: { StringEquals: { "ssm:Overwrite": "false" } },
    },
    {
      Sid: "WriteOwnRecords",
      Effect: "Allow",
      Action: ["ssm:PutParameter"],
      Resource: [
        `${incarnations}/*/generations/*/verified/${scope.member}`,
        `${incarnations}/*/status/${scope.member}`,
      ],
    },
    ...backupActions(scope),
    {
      Sid: "WriteMetrics",
      Effect: "Allow",
      Action: ["cloudwatch:PutMetricData"],
      Resource: ["*"],
      Condition: { StringEquals: { "cloudwatch:namespace": "etcd" } },
    },
    {
      Sid: "SessionManager",
      Effect: "Allow",
      // The agent calls these; none of them takes a resource
      // (https://docs.aws.amazon.com/systems-manager/latest/userguide/getting-started-create-iam-instance-profile.html).
      Action: [
        "ssm:UpdateInstanceInformation",
        "ssmmessages:CreateControlChannel",
        "ssmmessages:CreateDataChannel",
        "ssmmessages:OpenControlChannel",
        "ssmmessages:OpenDataChannel",
      ],
      Resource: ["*"],
    },
  ];
}

/** Where members write in the bucket, by its ARN. */
function backupFolders(bucketArn: string): string[] {
  return ["claims", "snapshots", "manifests"].map((folder) => `${bucketArn}/${folder}/*`);
}

/**
 * What the backup bucket refuses to everybody: requests without TLS, and overwriting what members wrote. A write
 * must say that nothing may exist yet. An upload's parts cannot say that; its completion does
 * (https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes-enforce.html).
 */
export function backupBucketPolicy(bucketArn: string): object[] {
  const deny = { Effect: "Deny", Principal: "*" };
  return [
    {
      Sid: "TlsOnly",
      ...deny,
      Action: "s3:*",
      Resource: [bucketArn, `${bucketArn}/*`],
      Condition: { Bool: { "aws:SecureTransport": "false" } },
    },
    {
      Sid: "NothingOverwritten",
      ...deny,
      Action: "s3:PutObject",
      Resource: backupFolders(bucketArn),
      Condition: { Null: { "s3:if-none-match": "true" }, Bool: { "s3:ObjectCreationOperation": "true" } },
    },
  ];
}

/** What a member does with the bucket: it adds to it and reads what a restore needs. It deletes nothing. */
function backupActions({ bucketArn, snapshotArn, keyArn }: RoleScope): Statement[] {
  const read = [
    ...(bucketArn ? [`${bucketArn}/snapshots/*`, `${bucketArn}/manifests/*`] : []),
    ...(snapshotArn ? [snapshotArn] : []),
  ];
  const statements: Statement[] = [];
  if (read.length > 0)
    statements.push({
      Sid: "ReadBackups",
      Effect: "Allow",
      Action: ["s3:GetObject", "s3:GetObjectVersion"],
      Resource: read,
    });
  if (bucketArn)
    statements.push(
      {
        Sid: "CreateBackups",
        Effect: "Allow",
        Action: ["s3:PutObject"],
        Resource: backupFolders(bucketArn),
        Condition: { Null: { "s3:if-none-match": "false" } },
      },
      {
        Sid: "UploadParts",
        Effect: "Allow",
        Action: ["s3:PutObject"],
        Resource: [`${bucketArn}/snapshots/*`],
        Condition: { Bool: { "s3:ObjectCreationOperation": "false" } },
      },
      {
        Sid: "ListBackups",
        Effect: "Allow",
        Action: ["s3:ListBucket"],
        Resource: [bucketArn],
        Condition: { StringLike: { "s3:prefix": ["manifests/*", "snapshots/*"] } },
      },
      {
        Sid: "EncryptBackups",
        Effect: "Allow",
        Action: ["kms:Decrypt", "kms:GenerateDataKey"],
        Resource: [keyArn],
        // S3 passes the bucket's ARN if the bucket has a bucket key, otherwise the object's.
        Condition: { StringLike: { "kms:EncryptionContext:aws:s3:arn": [bucketArn, `${bucketArn}/*`] } },
      },
    );
  return statements;
}

/**
 * What an API server's machine may do: read its client certificate and key, report what it runs with, and nothing else
 * of the cluster.
 */
export function apiServerActions(scope: {
  parameterArns: string[];
  /** ARN of the parameters below which machines of API servers report. */
  reportsArn: string;
  keyArn: string;
}): Statement[] {
  return [
    {
      Sid: "ReadClientCertificate",
      Effect: "Allow",
      Action: ["ssm:GetParameter", "ssm:GetParameters"],
      Resource: scope.parameterArns,
    },
    {
      Sid: "DecryptClientKey",
      Effect: "Allow",
      Action: ["kms:Decrypt"],
      Resource: [scope.keyArn],
      Condition: { StringEquals: { "kms:EncryptionContext:PARAMETER_ARN": scope.parameterArns } },
    },
    {
      Sid: "WriteReports",
      Effect: "Allow",
      Action: ["ssm:PutParameter"],
      Resource: [`${scope.reportsArn}/*`],
    },
  ];
}

/** An IAM policy document with these statements, as JSON. */
export function policyDocument(statements: readonly object[]): string {
  return JSON.stringify({ Version: "2012-10-17", Statement: statements });
}
