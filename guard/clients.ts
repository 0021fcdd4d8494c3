import { EC2Client } from "@aws-sdk/client-ec2";
import { ElasticLoadBalancingV2Client } from "@aws-sdk/client-elastic-load-balancing-v2";
import { S3Client } from "@aws-sdk/client-s3";
import { SSMClient } from "@aws-sdk/client-ssm";
import { fromTemporaryCredentials, fromTokenFile, fromWebToken } from "@aws-sdk/credential-providers";
import * as aws from "@pulumi/aws";

// The SDK's word on Node versions to come is for whoever updates it, not for whoever deploys.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= "true";

/**
 * Clients of AWS as the stack's own provider is configured (`aws:region`, `aws:profile`, `aws:assumeRoles` …), and
 * beyond that as AWS' SDKs are: environment, shared files, `AWS_ENDPOINT_URL`.
 */
export function clients() {
  const { region, profile, s3UsePathStyle } = aws.config;
  const elsewhere = process.env.AWS_ENDPOINT_URL_S3 ?? process.env.AWS_ENDPOINT_URL;
  const common = {
    region,
    profile,
    credentials: credentials(),
    // The guard asks again by itself.
    maxAttempts: 2,
    // Without the last one an answer that never comes is waited for, with a warning.
    requestHandler: { connectionTimeout: 5_000, requestTimeout: 15_000, throwOnRequestTimeout: true },
  };
  return {
    ssm: new SSMClient(common),
    ec2: new EC2Client(common),
    balancer: new ElasticLoadBalancingV2Client(common),
    // Another endpoint need not know the bucket's name as a host of its own.
    s3: new S3Client({ ...common, forcePathStyle: s3UsePathStyle ?? elsewhere !== undefined }),
  };
}

/** What the stack's configuration says of credentials; undefined leaves it to the SDK's own chain. */
function credentials() {
  const { accessKey, secretKey, token, profile, region, assumeRoles, assumeRoleWithWebIdentity } = aws.config;
  const own =
    accessKey && secretKey
      ? { accessKeyId: accessKey, secretAccessKey: secretKey, sessionToken: token }
      : undefined;
  const clientConfig = { region, profile };
  if (assumeRoleWithWebIdentity) {
    const { roleArn, sessionName, webIdentityToken, webIdentityTokenFile } = assumeRoleWithWebIdentity;
    const role = { roleArn: roleArn!, roleSessionName: sessionName, clientConfig };
    return webIdentityToken
      ? fromWebToken({ ...role, webIdentityToken })
      : fromTokenFile({ ...role, webIdentityTokenFile });
  }
  return (assumeRoles ?? []).reduce<ReturnType<typeof fromTemporaryCredentials> | typeof own>(
    (masterCredentials, { roleArn, sessionName, externalId, policy }) =>
      fromTemporaryCredentials({
        params: { RoleArn: roleArn, RoleSessionName: sessionName, ExternalId: externalId, Policy: policy },
        masterCredentials,
        clientConfig,
      }),
    own,
  );
}
