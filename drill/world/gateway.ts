import { createReadStream, existsSync } from "node:fs";
import { createServer, request as forward, type IncomingMessage, type ServerResponse } from "node:http";
import { once } from "node:events";
import { join, normalize } from "node:path";
import { buffer } from "node:stream/consumers";
import type { Statement } from "../../machine/allowedActions";
import { hosts } from "./addresses";
import type { Call } from "./call";
import { describe, type Described } from "./described";
import { motoPort } from "./moto";
import { isAllowed, type Request } from "./permissions";
import { SignedCalls } from "./signatures";
import { defaultRates, Throttle } from "./throttle";

/** Path of the mirror on the same server. */
export const mirrorPath = "/etcd-mirror";

/**
 * AWS' APIs as machines reach them, in front of moto. moto keeps parameters and objects, but knows neither the
 * machines' roles nor a balancer's view. The gateway allows or refuses each call by the recorded policies of the
 * caller's role, and takes target health from the running balancer. It also serves the mirror.
 */
export class Gateway {
  /** What roles may do, by access key, as declared now; an unknown key is refused. */
  readonly roles = new Map<string, () => readonly Statement[] | "everything">();
  /** Refused calls, as "role action resource": they reveal a role that is too narrow. */
  readonly refused: string[] = [];
  /** Calls of each kind, for their signatures. */
  readonly signed = new SignedCalls();
  /** Parameter Store's rate limits for this account. */
  throttle = new Throttle(defaultRates);
  /** Lets a scenario answer a call itself; it returns whether it did. */
  intercept?: (call: Call, response: ServerResponse) => boolean;

  /** Whose calls these are. */
  serves = { region: "", keyArn: "", bucket: "" };

  constructor(
    private readonly mirror: string,
    private readonly described: Described,
  ) {}

  async start(): Promise<void> {
    const server = createServer((request, response) => {
      this.handle(request, response).catch((error: Error) => {
        response.statusCode = 500;
        response.end(error.message);
      });
    });
    await once(server.listen(80, hosts.services), "listening");
  }

  private async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.url!.startsWith(`${mirrorPath}/`)) return this.serveMirror(request.url!, response);
    const body = await buffer(request);
    const scope = /Credential=([^/]+)\/[^/]+\/[^/]+\/([^/]+)\//.exec(
      String(request.headers.authorization ?? ""),
    );
    if (scope === null) return refuse(response, 403, "MissingAuthenticationToken");
    const [, caller, service] = scope as unknown as [string, string, string];
    const needed = this.needed(service, request, body);
    const call = {
      service,
      caller,
      body,
      method: request.method!,
      url: request.url!,
      action: needed[0]!.action,
    };
    const role = this.roles.get(caller)?.();
    this.signed.note(call, request.headers);
    const denied = role === "everything" ? undefined : needed.find((each) => !role || !isAllowed(role, each));
    if (denied) {
      this.refused.push(`${caller} ${denied.action} ${denied.resource}`);
      return refuse(response, service === "s3" ? 403 : 400, "AccessDeniedException");
    }
    if (!this.throttle.takes(call.action))
      return refuse(response, 400, "ThrottlingException", "Rate exceeded");
    if (this.intercept?.(call, response)) return;
    const description = await describe(call.action, body, this.described);
    if (description !== undefined) {
      response.setHeader("content-type", "text/xml");
      response.end(description);
      return;
    }
    const upstream = forward({
      port: motoPort,
      method: request.method,
      path: request.url,
      headers: { ...request.headers, "content-length": body.length },
    });
    const answered = once(upstream, "response") as Promise<[IncomingMessage]>;
    upstream.end(body);
    const [answer] = await answered;
    response.writeHead(answer.statusCode!, answer.headers);
    answer.pipe(response);
  }

  /** What the caller must be allowed to do for this call. */
  private needed(service: string, { method, url, headers }: IncomingMessage, body: Buffer): Request[] {
    const { region, keyArn, bucket: ownBucket } = this.serves;
    const kms = (action: string, context: Record<string, string> = {}) => ({
      action: `kms:${action}`,
      resource: keyArn,
      context,
    });
    switch (service) {
      case "ssm": {
        const action = `ssm:${String(headers["x-amz-target"]).split(".")[1]}`;
        const asked = JSON.parse(body.toString()) as Record<string, unknown>;
        const parameter = (name: unknown) => `arn:aws:ssm:${region}:123456789012:parameter${String(name)}`;
        const names = (asked.Names ?? [asked.Name ?? asked.Path]) as string[];
        const decrypts = asked.WithDecryption === true;
        const context: Record<string, string> =
          asked.Overwrite === undefined ? {} : { "ssm:Overwrite": JSON.stringify(asked.Overwrite) };
        return names.flatMap((name) => [
          { action, resource: parameter(name), context },
          ...(decrypts
            ? [
                kms("Decrypt", {
                  "kms:EncryptionContext:PARAMETER_ARN": parameter(asked.Path ? `${name}/any` : name),
                }),
              ]
            : []),
        ]);
      }
      case "s3": {
        const { pathname, searchParams } = new URL(url!, "http://s3");
        const [, bucket, ...key] = pathname.split("/");
        const object = key.join("/");
        const arn = `arn:aws:s3:::${bucket}`;
        if (object === "") {
          const context = { "s3:prefix": searchParams.get("prefix") ?? "" };
          return [{ action: "s3:ListBucket", resource: arn, context }];
        }
        const resource = `${arn}/${decodeURIComponent(object)}`;
        const context = {
          "kms:ViaService": `s3.${region}.amazonaws.com`,
          "kms:EncryptionContext:aws:s3:arn": arn,
        };
        // S3's own keys encrypt objects of another bucket.
        const byKey = (action: string) => (bucket === ownBucket ? [kms(action, context)] : []);
        if (method === "PUT" || method === "POST") {
          // The beginning and the parts of an upload create no object; its end does.
          const isPart = searchParams.has("partNumber") || searchParams.has("uploads");
          const unless = headers["if-none-match"];
          const written = {
            "s3:ObjectCreationOperation": String(!isPart),
            ...(unless !== undefined && { "s3:if-none-match": unless }),
          };
          return [{ action: "s3:PutObject", resource, context: written }, ...byKey("GenerateDataKey")];
        }
        if (method === "DELETE") return [{ action: "s3:DeleteObject", resource }];
        const version = searchParams.has("versionId") ? "Version" : "";
        return [{ action: `s3:GetObject${version}`, resource }, ...byKey("Decrypt")];
      }
      default: {
        const asked = new URLSearchParams(body.toString());
        const prefix = service === "monitoring" ? "cloudwatch" : service;
        const name = asked.get("Action") ?? String(headers["x-amz-target"]).split(".").at(-1);
        const context = { "cloudwatch:namespace": asked.get("Namespace") ?? "" };
        return [{ action: `${prefix}:${name}`, resource: "*", context }];
      }
    }
  }

  private serveMirror(url: string, response: ServerResponse): void {
    const file = join(this.mirror, normalize(url.slice(mirrorPath.length)));
    if (!existsSync(file)) {
      response.statusCode = 404;
      response.end();
    } else createReadStream(file).pipe(response);
  }
}

/** Refuses a call as AWS' JSON APIs do. */
function refuse(
  response: ServerResponse,
  status: number,
  type: string,
  message = "refused by the role's policies",
): void {
  response.statusCode = status;
  response.end(JSON.stringify({ __type: type, message }));
}
