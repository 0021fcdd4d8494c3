import { EC2Client } from "@aws-sdk/client-ec2";
import { ElasticLoadBalancingV2Client } from "@aws-sdk/client-elastic-load-balancing-v2";
import { S3Client } from "@aws-sdk/client-s3";
import { SSMClient } from "@aws-sdk/client-ssm";
import { fromTemporaryCredentials, fromTokenFile, fromWebToken } from "@aws-sdk/credential-providers";

// The SDK's warning about future Node versions is for whoever updates it, not for whoever deploys or runs a command.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= "true";

/** What a stack says about its account, under the names that Pulumi's provider uses (`aws:region` …). */
export interface AwsSettings {
  region?: string;
  profile?: string;
  accessKey?: string;
  secretKey?: string;
  /** Session token that belongs to the two keys. */
  token?: string;
  /** Each role is assumed with the credentials of the one before. */
  assumeRoles?: readonly Role[];
  /** Assumed first, with another issuer's token instead of credentials. */
  assumeRoleWithWebIdentity?: WebIdentityRole;
  s3UsePathStyle?: boolean;
}

/** What an assumed role is, and what it is restricted to. */
interface Session {
  /** Pulumi's types make it optional; STS does not. */
  roleArn?: string;
  sessionName?: string;
  /** JSON. */
  policy?: string;
  policyArns?: readonly string[];
}

/** A role may demand any of these from whoever assumes it. */
interface Role extends Session {
  externalId?: string;
  sourceIdentity?: string;
  tags?: Readonly<Record<string, string>>;
  transitiveTagKeys?: readonly string[];
}

interface WebIdentityRole extends Session {
  webIdentityToken?: string;
  /** Used if the token itself is not given. */
  webIdentityTokenFile?: string;
}

/** The services that a stack's account is asked for, and its clock. */
export interface Aws {
  ssm: SSMClient;
  s3: S3Client;
  ec2: EC2Client;
  balancer: ElasticLoadBalancingV2Client;
  /** AWS' clock as of Parameter Store's last answer, milliseconds since 1970; NaN before the first one. */
  now: () => number;
}

/** These apply to every request, including those for credentials: an unanswered one must not hold up a deployment. */
const bounds = {
  maxAttempts: 3,
  requestHandler: {
    /** Milliseconds. The second limits the wait for the head of an answer, however long its body takes. */
    connectionTimeout: 5_000,
    requestTimeout: 15_000,
    // Without this, the SDK waits for an answer that never comes, and only warns.
    throwOnRequestTimeout: true,
  },
};

/** How every client of a stack's account is made. */
export function configOf(settings: AwsSettings) {
  const { region, profile } = settings;
  return { region, profile, credentials: credentials(settings), ...bounds };
}

/**
 * Clients of AWS, configured like the stack and otherwise like AWS' SDKs: environment, shared files,
 * `AWS_ENDPOINT_URL`. A request without an answer within 15 s is tried twice more, and then fails.
 */
export function awsClients(settings: AwsSettings): Aws {
  const { s3UsePathStyle } = settings;
  const common = configOf(settings);
  // Another endpoint may not know the bucket's name as a host name.
  const elsewhere = (process.env.AWS_ENDPOINT_URL_S3 ?? process.env.AWS_ENDPOINT_URL) !== undefined;
  const ssm = new SSMClient(common);
  let now = Number.NaN;
  ssm.middlewareStack.add(
    (next) => async (args) => {
      const result = await next(args);
      const { headers } = result.response as { headers: Record<string, string> };
      now = Date.parse(headers.date ?? "");
      return result;
    },
    { step: "deserialize", name: "clock" },
  );
  return {
    ssm,
    s3: new S3Client({ ...common, forcePathStyle: s3UsePathStyle ?? elsewhere }),
    ec2: new EC2Client(common),
    balancer: new ElasticLoadBalancingV2Client(common),
    now: () => now,
  };
}

/** What the settings say about credentials; undefined leaves them to the SDK's own chain. */
function credentials(settings: AwsSettings) {
  const { accessKey, secretKey, token, profile, region, assumeRoles, assumeRoleWithWebIdentity } = settings;
  const clientConfig = { region, profile, ...bounds };
  const own =
    accessKey && secretKey
      ? { accessKeyId: accessKey, secretAccessKey: secretKey, sessionToken: token }
      : undefined;
  const first = assumeRoleWithWebIdentity ? byWebIdentity(assumeRoleWithWebIdentity, clientConfig) : own;
  return (assumeRoles ?? []).reduce<typeof first | ReturnType<typeof fromTemporaryCredentials>>(
    (masterCredentials, role) =>
      fromTemporaryCredentials({
        params: {
          RoleArn: role.roleArn,
          RoleSessionName: role.sessionName,
          Policy: role.policy,
          PolicyArns: role.policyArns?.map((arn) => ({ arn })),
          ExternalId: role.externalId,
          SourceIdentity: role.sourceIdentity,
          Tags: role.tags && Object.entries(role.tags).map(([Key, Value]) => ({ Key, Value })),
          TransitiveTagKeys: role.transitiveTagKeys && [...role.transitiveTagKeys],
        },
        masterCredentials,
        clientConfig,
      }),
    first,
  );
}

function byWebIdentity(
  { roleArn, sessionName, policy, policyArns, webIdentityToken, webIdentityTokenFile }: WebIdentityRole,
  clientConfig: object,
) {
  const role = {
    roleArn: roleArn!,
    roleSessionName: sessionName,
    policy,
    policyArns: policyArns?.map((arn) => ({ arn })),
    clientConfig,
  };
  return webIdentityToken
    ? fromWebToken({ ...role, webIdentityToken })
    : fromTokenFile({ ...role, webIdentityTokenFile });
}
