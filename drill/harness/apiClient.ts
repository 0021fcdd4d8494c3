import { Agent, request } from "node:https";
import { text } from "node:stream/consumers";
import type { IncomingMessage } from "node:http";
import { once } from "node:events";
import type { Store } from "../../rehearse/writer";

interface ConfigMapList {
  items: { metadata: { name: string }; data?: { value?: string } }[];
}

/** Kubernetes' API as a store: a key is a ConfigMap. */
export class ApiClient implements Store {
  // The API server's identity does not matter here: it made its own certificate.
  private readonly agent = new Agent({ keepAlive: true, rejectUnauthorized: false });

  constructor(private readonly url: string) {}

  async put(key: string, value: string, timeout = 1000): Promise<void> {
    const name = nameOf(key);
    await this.call("POST", timeout, JSON.stringify({ metadata: { name }, data: { value } }));
  }

  async list(prefix: string, timeout = 10_000): Promise<Map<string, string>> {
    const { items } = JSON.parse(await this.call("GET", timeout)) as ConfigMapList;
    const start = nameOf(prefix);
    return new Map(
      items
        .filter(({ metadata: { name } }) => name.startsWith(start))
        .map(({ data }) => [data!.value!, data!.value!]),
    );
  }

  private async call(method: string, timeout: number, body?: string): Promise<string> {
    const outgoing = request(`${this.url}/api/v1/namespaces/default/configmaps`, {
      method,
      agent: this.agent,
      headers: { "content-type": "application/json", authorization: "Bearer drill" },
      signal: AbortSignal.timeout(timeout),
    });
    const answered = once(outgoing, "response") as Promise<[IncomingMessage]>;
    outgoing.end(body);
    const [answer] = await answered;
    const content = await text(answer);
    if (answer.statusCode! >= 300) throw new Error(`${method}: ${answer.statusCode} ${content}`);
    return content;
  }
}

/** A ConfigMap's name for a key: it must be a DNS subdomain. */
function nameOf(key: string): string {
  return key.replace(/^\//, "").replaceAll("/", "-");
}
