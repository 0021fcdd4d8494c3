import { createServer } from "node:http";
import { once } from "node:events";
import { randomBytes } from "node:crypto";
import { metadataAddress } from "./addresses";

/** What EC2 knows about a machine and tells it. */
export interface InstanceFacts {
  instanceId: string;
  address: string;
  hostname: string;
  region: string;
  zone: string;
  userData: Buffer;
  roleName: string;
  credentials: { AccessKeyId: string; SecretAccessKey: string; Token: string };
}

/**
 * Instance metadata, version 2, which tells machines apart by the caller's address. A stand-in: moto's own knows one
 * machine without user data. Serves what cloud-init and the machines' programs read.
 */
export async function serveMetadata(
  instanceAt: (address: string) => InstanceFacts | undefined,
): Promise<void> {
  const tokens = new Set<string>();
  const server = createServer((request, response) => {
    const end = (status: number, body: string | Buffer = "") => {
      response.statusCode = status;
      response.end(body);
    };
    const facts = instanceAt(request.socket.remoteAddress!.replace(/^::ffff:/, ""));
    if (facts === undefined) return end(404);
    if (request.method === "PUT" && request.url === "/latest/api/token") {
      const token = randomBytes(16).toString("hex");
      tokens.add(token);
      const lifetime = "x-aws-ec2-metadata-token-ttl-seconds";
      response.setHeader(lifetime, String(request.headers[lifetime]));
      return end(200, token);
    }
    // `httpTokens: required` demands a token; cloud-init gets one, but does not send it on dated paths.
    if (
      request.url!.startsWith("/latest") &&
      !tokens.has(String(request.headers["x-aws-ec2-metadata-token"]))
    )
      return end(401);
    const [, , ...path] = request.url!.split("/");
    if (path[0] === "user-data") return end(200, facts.userData);
    if (path[0] === "dynamic") return end(200, dynamic(path.slice(1), facts));
    if (path[0] !== "meta-data") return end(path.length === 0 || path[0] === "" ? 200 : 404, "meta-data/");
    const answer = lookUp(metaData(facts), path.slice(1));
    return answer === undefined ? end(404) : end(200, answer);
  });
  await once(server.listen(80, metadataAddress), "listening");
}

interface Tree {
  [key: string]: string | Tree;
}

function metaData(facts: InstanceFacts): Tree {
  const { instanceId, address, hostname, region, zone, roleName, credentials } = facts;
  return {
    "ami-id": "ami-0123456789abcdef0",
    hostname,
    "instance-id": instanceId,
    "local-hostname": hostname,
    "local-ipv4": address,
    placement: { "availability-zone": zone, region },
    services: { domain: "amazonaws.com", partition: "aws" },
    iam: { "security-credentials": { [roleName]: JSON.stringify({ Code: "Success", ...credentials }) } },
  };
}

/** A directory reads as a list of its contents. */
function lookUp(tree: Tree, path: readonly string[]): string | undefined {
  const [first, ...rest] = path;
  if (first === undefined || first === "")
    return Object.entries(tree)
      .map(([key, value]) => (typeof value === "string" ? key : `${key}/`))
      .join("\n");
  const found = tree[first];
  if (found === undefined) return undefined;
  if (typeof found === "string") return rest.length === 0 ? found : undefined;
  // A role's name is listed without a slash, although it is read like a file.
  return lookUp(found, rest);
}

function dynamic(path: readonly string[], { instanceId, region, zone, address }: InstanceFacts): string {
  if (path[0] !== "instance-identity") return "instance-identity/";
  return path[1] === "document"
    ? JSON.stringify({
        accountId: "123456789012",
        architecture: process.arch === "arm64" ? "arm64" : "x86_64",
        availabilityZone: zone,
        imageId: "ami-0123456789abcdef0",
        instanceId,
        instanceType: "m7i.xlarge",
        privateIp: address,
        region,
      })
    : "document";
}
