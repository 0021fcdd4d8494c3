import { spawn } from "node:child_process";
import { until } from "../../rehearse/until";

/** Port of moto on loopback, inside the drill's own network. */
export const motoPort = 5000;

/**
 * Starts moto, which keeps parameters and objects as AWS does. It ends with the drill.
 * @param python of the environment that has moto
 */
export async function startMoto(python: string): Promise<void> {
  const child = spawn(python, ["-m", "moto.server", "-H", "127.0.0.1", "-p", String(motoPort)], {
    stdio: "ignore",
  });
  await until("moto to answer", async () => {
    if (child.exitCode !== null) throw new Error(`moto ended with ${child.exitCode}`);
    return fetch(`http://127.0.0.1:${motoPort}/moto-api/`).then(
      ({ ok }) => ok,
      () => false,
    );
  });
}

/** moto tells services apart by the signature's scope; it checks no signature. */
const authorization = (service: string, region: string) =>
  `AWS4-HMAC-SHA256 Credential=AKIADRILL/20260101/${region}/${service}/aws4_request, SignedHeaders=host, Signature=0`;

/** Calls a JSON API of moto as an operator who is refused nothing. */
export async function callMoto<Answer>(region: string, target: string, body: object): Promise<Answer> {
  const response = await fetch(`http://127.0.0.1:${motoPort}/`, {
    method: "POST",
    headers: {
      authorization: authorization("ssm", region),
      "content-type": "application/x-amz-json-1.1",
      "x-amz-target": target,
    },
    body: JSON.stringify(body),
  });
  if (!response.ok) throw new Error(`moto: ${target}: ${await response.text()}`);
  return (await response.json()) as Answer;
}

/** Calls moto's S3. */
export async function callMotoS3(
  region: string,
  method: string,
  path: string,
  body?: string | Buffer,
): Promise<Response> {
  const response = await fetch(`http://127.0.0.1:${motoPort}/${path}`, {
    method,
    headers: { authorization: authorization("s3", region) },
    body,
  });
  if (!response.ok) throw new Error(`moto: ${method} ${path}: ${response.status} ${await response.text()}`);
  return response;
}
