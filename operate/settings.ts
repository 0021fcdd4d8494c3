import { z } from "zod";
import type { AwsSettings } from "../aws/clients";
import { readValue } from "../contract/read";
import { knownSetting, regionOf, type ConfiguredStack } from "../record/project";
import { SettingsError } from "../record/settingsError";

const text = z.string().min(1, "must not be empty");
const session = {
  roleArn: text,
  sessionName: text.optional(),
  policy: text.optional(),
  policyArns: z.array(text).optional(),
};

const assumeRoles = z.array(
  z.object({
    ...session,
    externalId: text.optional(),
    sourceIdentity: text.optional(),
    tags: z.record(z.string(), z.string()).optional(),
    transitiveTagKeys: z.array(text).optional(),
  }),
);

const assumeRoleWithWebIdentity = z.object({
  ...session,
  webIdentityToken: text.optional(),
  webIdentityTokenFile: text.optional(),
});

/**
 * What a stack's configuration says about its account.
 * @throws SettingsError that names the key and what is wrong with it
 */
export function awsSettings(program: ConfiguredStack): AwsSettings {
  const said = (key: keyof AwsSettings) => knownSetting(program, `aws:${key}`);
  const read = <S extends z.ZodType>(schema: S, key: keyof AwsSettings): z.output<S> | undefined => {
    const value = said(key);
    return value === undefined ? undefined : parsed(schema, `aws:${key}`, value);
  };
  return {
    region: regionOf(program),
    profile: said("profile"),
    accessKey: said("accessKey"),
    secretKey: said("secretKey"),
    token: said("token"),
    assumeRoles: read(assumeRoles, "assumeRoles"),
    assumeRoleWithWebIdentity: read(assumeRoleWithWebIdentity, "assumeRoleWithWebIdentity"),
    s3UsePathStyle: read(z.boolean(), "s3UsePathStyle"),
  };
}

function parsed<S extends z.ZodType>(schema: S, key: string, json: string): z.output<S> {
  let said: unknown;
  try {
    said = JSON.parse(json);
  } catch {
    // Do not show the value: it may contain a token.
    throw new SettingsError(`${key}: is no JSON`);
  }
  const { value, problem } = readValue(schema, key, said);
  if (problem !== undefined) throw new SettingsError(problem);
  return value;
}
