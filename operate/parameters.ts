import { GetParametersCommand, type SSMClient } from "@aws-sdk/client-ssm";
import { stored, type StoredParameter } from "../aws/readers";
import { ask } from "./aws";

/** How many names one request to Parameter Store accepts. */
const namesPerRequest = 10;

/** The existing parameters with these names; a SecureString as plain text. */
export async function parametersNamed(
  ssm: SSMClient,
  names: readonly string[],
  signal: AbortSignal,
): Promise<StoredParameter[]> {
  const found: StoredParameter[] = [];
  for (let at = 0; at < names.length; at += namesPerRequest) {
    const Names = names.slice(at, at + namesPerRequest);
    const command = new GetParametersCommand({ Names, WithDecryption: true });
    const { Parameters } = await ask(`read ${Names[0]}`, signal, () =>
      ssm.send(command, { abortSignal: signal }),
    );
    found.push(...(Parameters ?? []).map(stored));
  }
  return found;
}
