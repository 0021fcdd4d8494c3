import {
  GetParametersByPathCommand,
  GetParametersCommand,
  type Parameter,
  type SSMClient,
} from "@aws-sdk/client-ssm";
import { ask } from "./aws";

/** A parameter as Parameter Store has it. */
export interface StoredParameter {
  name: string;
  value: string;
  /** When it was last written, by AWS' clock. */
  written: Date;
}

/** How many names one request of Parameter Store takes. */
const namesPerRequest = 10;

/** The parameters of these names that there are; of a SecureString the plain text. */
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

/** The parameters directly below a path. */
export async function parametersBelow(
  ssm: SSMClient,
  path: string,
  signal: AbortSignal,
): Promise<StoredParameter[]> {
  const found: StoredParameter[] = [];
  let NextToken: string | undefined;
  do {
    const command = new GetParametersByPathCommand({ Path: path, NextToken });
    const page = await ask(`read ${path}`, signal, () => ssm.send(command, { abortSignal: signal }));
    found.push(...(page.Parameters ?? []).map(stored));
    NextToken = page.NextToken;
  } while (NextToken !== undefined);
  return found;
}

function stored({ Name, Value, LastModifiedDate }: Parameter): StoredParameter {
  return { name: Name!, value: Value!, written: LastModifiedDate! };
}
