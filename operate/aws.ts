import { accountClients, type AccountClients } from "../aws/accountClients";
import { awsClients, type Aws } from "../aws/clients";
import type { ConfiguredStack } from "../record/project";
import { SettingsError } from "../record/settingsError";
import { awsSettings } from "./settings";

/** AWS did not answer, or gave an unusable answer. */
export class AwsError extends Error {}

/**
 * Clients for a stack, in the account that it is deployed to and with the credentials that deploy it.
 * @throws SettingsError for account settings (`aws:assumeRoles` …) that are invalid or secret, or without a region
 */
export function awsOf(program: ConfiguredStack): Aws {
  return awsClients(awsSettings(program));
}

/**
 * Clients for what a stack needs of its account before it is deployed.
 * @throws SettingsError as {@link awsOf}
 */
export function accountOf(program: ConfiguredStack): AccountClients {
  return accountClients(awsSettings(program));
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
 * AWS' answer to a question.
 * @param question what is asked for, in plain words
 * @throws SettingsError for credentials that are missing, refused or not allowed to ask; AwsError for any other
 * failure; the signal's reason if it aborts
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

/**
 * AWS' clock, which ages are judged by: this computer's may be off.
 * @throws AwsError if AWS' answers carry no date
 */
export function clockOf(aws: Aws): Date {
  const now = new Date(aws.now());
  if (Number.isNaN(now.getTime())) throw new AwsError("AWS' answers carry no date");
  return now;
}
