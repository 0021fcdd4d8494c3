import { EC2Client } from "@aws-sdk/client-ec2";
import { ElasticLoadBalancingV2Client } from "@aws-sdk/client-elastic-load-balancing-v2";
import { S3Client } from "@aws-sdk/client-s3";
import { SSMClient } from "@aws-sdk/client-ssm";
import { fromTemporaryCredentials } from "@aws-sdk/credential-providers";
import { SettingsError, type StackProgram } from "../record/project";

// The SDK's word on Node versions to come is for whoever updates it, not for whoever runs a command.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= "true";

/** The services that commands ask of a stack's account. */
export interface Aws {
  ssm: SSMClient;
  s3: S3Client;
  balancing: ElasticLoadBalancingV2Client;
  ec2: EC2Client;
}

/** AWS did not answer, or not as it should. */
export class AwsError extends Error {}

/**
 * Clients for a stack, in the account that it is deployed to: region, profile and roles are the stack's
 * `aws:region`, `aws:profile` and `aws:assumeRoles`, credentials come from where the AWS SDK looks for them,
 * and AWS_ENDPOINT_URL is honoured.
 */
export function awsOf({ config }: StackProgram): Aws {
  const place = { region: config["aws:region"], profile: config["aws:profile"] };
  const common = { ...place, credentials: assumed(config["aws:assumeRoles"], place) };
  // Another endpoint need not know the bucket's name as a host of its own.
  const forcePathStyle = (process.env.AWS_ENDPOINT_URL_S3 ?? process.env.AWS_ENDPOINT_URL) !== undefined;
  return {
    ssm: new SSMClient(common),
    s3: new S3Client({ ...common, forcePathStyle }),
    balancing: new ElasticLoadBalancingV2Client(common),
    ec2: new EC2Client(common),
  };
}

type Assumed = ReturnType<typeof fromTemporaryCredentials>;

/** Credentials of the last of the roles, each assumed by the one before; undefined without roles. */
function assumed(roles: string | undefined, clientConfig: object): Assumed | undefined {
  const chain = JSON.parse(roles || "[]") as { roleArn: string; sessionName?: string; externalId?: string }[];
  return chain.reduce<Assumed | undefined>((masterCredentials, { roleArn, sessionName, externalId }) => {
    const params = { RoleArn: roleArn, RoleSessionName: sessionName, ExternalId: externalId };
    return fromTemporaryCredentials({ params, masterCredentials, clientConfig });
  }, undefined);
}

const credentials = [
  "CredentialsProviderError",
  "ExpiredToken",
  "ExpiredTokenException",
  "InvalidAccessKeyId",
  "InvalidClientTokenId",
  "SignatureDoesNotMatch",
  "TokenProviderError",
  "UnrecognizedClientException",
];

/**
 * What AWS answers to a question.
 * @param question what is asked for, as people say it
 * @throws SettingsError for credentials that are missing, refused or not allowed to ask; AwsError for what
 * else goes wrong; the signal's reason if it aborts
 */
export async function ask<T>(question: string, signal: AbortSignal, answer: () => Promise<T>): Promise<T> {
  try {
    return await answer();
  } catch (error) {
    signal.throwIfAborted();
    const { name, message, $metadata } = error as Error & { $metadata?: { httpStatusCode?: number } };
    if (credentials.includes(name)) {
      throw new SettingsError(
        `${question}: no AWS credentials that count (${message}); set AWS_PROFILE, aws:profile in the stack file, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY`,
      );
    }
    if (/^AccessDenied/.test(name))
      throw new SettingsError(`${question}: these credentials are not allowed to (${message})`);
    const answered = $metadata?.httpStatusCode !== undefined;
    throw new AwsError(
      `${question}: ${answered ? `AWS answered ${name}` : "no answer from AWS"}: ${message}`,
    );
  }
}
