import { once } from "node:events";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import type { Properties } from "../../recorder/values";
import { keptIn, type Kept } from "./cloud";

/** What exists beside the resources: the machines' own doing, and what the balancer finds. */
export interface World {
  /** Parameters that machines wrote, by their names. */
  parameters(): ReadonlyMap<string, { value: string; modified: Date }>;
  /** Objects of every bucket, by their keys. */
  objects(): ReadonlyMap<string, string>;
  /** A target's health by its address, as `healthy`. */
  health(address: string): string;
  /** Told of each call before it is answered, as `ssm:GetParameter`; throws to refuse it with that name. */
  asked(call: string): void;
}

interface Call {
  action: string;
  form: URLSearchParams;
  json: Properties;
  request: IncomingMessage;
}

/** The action's answer: XML, JSON or an object of a bucket. */
type Answer = (call: Call, kept: Kept[], world: World) => string | object | undefined;

/**
 * Answers AWS' API on loopback for what a stand-in's directory holds: just the calls by which the quorum
 * guard asks how a cluster stands. Point AWS' SDK at it with `AWS_ENDPOINT_URL`.
 */
export async function serveAws(
  directory: string,
  world: World,
): Promise<{ url: string; close: () => Promise<void> }> {
  const server = createServer((request, response) => {
    void (async () => {
      const body = await text(request);
      const call = callOf(request, body);
      try {
        const [, service] = /\/([a-z0-9]+)\/aws4_request/.exec(request.headers.authorization ?? "") ?? [];
        const name = `${service}:${call.action}`;
        const answer = answers[name];
        if (answer === undefined) throw new Error("UnknownOperationException");
        world.asked(name);
        const found = answer(call, keptIn(directory), world);
        if (found === undefined) response.writeHead(404).end();
        else if (typeof found === "object") response.end(JSON.stringify(found));
        else {
          const length = Buffer.byteLength(found);
          response.writeHead(200, { "last-modified": new Date().toUTCString(), "content-length": length });
          response.end(found);
        }
      } catch (error) {
        const { message } = error as Error;
        const xml = `<Response><Errors><Error><Code>${message}</Code></Error></Errors><Error><Code>${message}</Code></Error></Response>`;
        response
          .writeHead(400)
          .end(call.action.startsWith("Get") ? JSON.stringify({ __type: message }) : xml);
      }
    })();
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

function callOf(request: IncomingMessage, body: string): Call {
  const target = request.headers["x-amz-target"];
  const url = new URL(request.url!, "http://localhost");
  const isForm = request.headers["content-type"]?.includes("x-www-form-urlencoded") === true;
  const form = isForm ? new URLSearchParams(body) : url.searchParams;
  const s3 = request.method === "HEAD" ? "HeadObject" : form.has("list-type") ? "ListObjectsV2" : "GetObject";
  return {
    action: typeof target === "string" ? target.split(".")[1]! : (form.get("Action") ?? s3),
    form,
    json: typeof target === "string" ? (JSON.parse(body) as Properties) : {},
    request,
  };
}

const answers: Readonly<Record<string, Answer>> = {
  "ssm:GetParameter": ({ json }, kept, world) => {
    const found = parameters(kept, world).find(({ Name }) => Name === json.Name);
    if (found === undefined) throw new Error("ParameterNotFound");
    return { Parameter: found };
  },
  "ssm:GetParametersByPath": ({ json }, kept, world) => ({
    Parameters: parameters(kept, world).filter(({ Name }) => Name.startsWith(`${String(json.Path)}/`)),
  }),
  "ec2:DescribeInstances": ({ form }, kept) => {
    const [tag, value] = [form.get("Filter.1.Name")?.slice("tag:".length), form.get("Filter.1.Value.1")];
    const asked = form.get("InstanceId.1");
    const found = ofType(kept, "aws:ec2/instance:Instance")
      .filter(({ id }) => asked === null || id === asked)
      .filter(({ inputs }) => tag === undefined || (inputs.tags as Properties)[tag] === value);
    return xml(
      "DescribeInstancesResponse",
      `<reservationSet>${list(found, (each) => instance(each, kept))}</reservationSet>`,
    );
  },
  "elasticloadbalancing:DescribeTargetGroups": ({ form }, kept) => {
    const found = ofType(kept, "aws:lb/targetGroup:TargetGroup").find(
      ({ inputs }) => inputs.name === form.get("Names.member.1"),
    );
    if (found === undefined) throw new Error("TargetGroupNotFound");
    const group = `<member><TargetGroupArn>${String(found.outputs.arn)}</TargetGroupArn></member>`;
    return result("DescribeTargetGroups", `<TargetGroups>${group}</TargetGroups>`);
  },
  "elasticloadbalancing:DescribeTargetHealth": (_, kept, world) => {
    const targets = ofType(kept, "aws:lb/targetGroupAttachment:TargetGroupAttachment").map(({ inputs }) => {
      const address = String(inputs.targetId);
      const health = `<TargetHealth><State>${world.health(address)}</State></TargetHealth>`;
      return `<member><Target><Id>${address}</Id></Target>${health}</member>`;
    });
    const all = `<TargetHealthDescriptions>${targets.join("")}</TargetHealthDescriptions>`;
    return result("DescribeTargetHealth", all);
  },
  "s3:ListObjectsV2": ({ form }, _, world) => {
    const [prefix, after] = [form.get("prefix") ?? "", form.get("start-after") ?? ""];
    const keys = [...world.objects().keys()].filter((key) => key.startsWith(prefix) && key > after);
    const contents = keys.map((key) => `<Contents><Key>${key}</Key></Contents>`).join("");
    return xml("ListBucketResult", `<IsTruncated>false</IsTruncated>${contents}`);
  },
  "s3:GetObject": ({ request }, _, world) => world.objects().get(objectKey(request)),
  "s3:HeadObject": ({ request }, _, world) => world.objects().get(objectKey(request)),
};

function parameters(kept: Kept[], world: World) {
  const declared = ofType(kept, "aws:ssm/parameter:Parameter").map(({ inputs, since }) => ({
    Name: String(inputs.name),
    Type: String(inputs.type),
    Value: String(inputs.value),
    LastModifiedDate: Date.parse(since) / 1000,
  }));
  const written = [...world.parameters()].map(([Name, { value, modified }]) => ({
    Name,
    Type: "String",
    Value: value,
    LastModifiedDate: modified.getTime() / 1000,
  }));
  return [...declared, ...written];
}

function instance({ id, inputs, since }: Kept, kept: Kept[]): string {
  const { networkInterfaceId } = inputs.primaryNetworkInterface as Properties;
  const address = kept.find((each) => each.id === networkInterfaceId)?.inputs.privateIps as string[];
  const tags = Object.entries(inputs.tags as Record<string, string>);
  const tag = ([key, value]: [string, string]) => `<key>${key}</key><value>${value}</value>`;
  return (
    `<instancesSet><item><instanceId>${id}</instanceId><privateIpAddress>${address[0]}</privateIpAddress>` +
    `<instanceState><code>16</code><name>running</name></instanceState><launchTime>${since}</launchTime>` +
    `<tagSet>${list(tags, tag)}</tagSet></item></instancesSet>`
  );
}

function ofType(kept: Kept[], type: string): Kept[] {
  return kept.filter((each) => each.type === type);
}

/** A bucket's name comes first in the path. */
function objectKey(request: IncomingMessage): string {
  const { pathname } = new URL(request.url!, "http://localhost");
  return decodeURIComponent(pathname.split("/").slice(2).join("/"));
}

function list<T>(items: T[], show: (item: T) => string): string {
  return items.map((item) => `<item>${show(item)}</item>`).join("");
}

function result(action: string, content: string): string {
  return xml(`${action}Response`, `<${action}Result>${content}</${action}Result>`);
}

function xml(root: string, content: string): string {
  return `<?xml version="1.0" encoding="UTF-8"?><${root}>${content}</${root}>`;
}
