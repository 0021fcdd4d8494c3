import { request } from "node:https";

/** An API server of Kubernetes, and who asks it. */
export interface KubernetesApi {
  /** As https://127.0.0.1:6443. */
  url: string;
  /** PEM of the CA that its certificate is held to. */
  ca: string;
  /** A bearer token. */
  token: string;
}

/** What an API server answered. */
export interface Answer {
  status: number;
  /** What it warns of. */
  warnings: string[];
  /** The object, or a Status that says why not. */
  body: { message?: string; [field: string]: unknown };
}

/** Posts an object to a collection of the API, as `/api/v1/namespaces`. */
export function post({ url, ca, token }: KubernetesApi, path: string, object: object): Promise<Answer> {
  const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
  return new Promise((resolve, reject) => {
    const call = request(`${url}${path}`, { method: "POST", ca, headers }, (response) => {
      let text = "";
      response.setEncoding("utf8");
      response.on("data", (chunk: string) => (text += chunk));
      response.on("error", reject);
      response.on("end", () => {
        const warnings = [response.headers.warning ?? []].flat().map(warningText);
        resolve({ status: response.statusCode!, warnings, body: JSON.parse(text) as Answer["body"] });
      });
    });
    call.on("error", reject);
    call.end(JSON.stringify(object));
  });
}

/** The text of a Warning header, `299 - "text"`, in which quotation marks are escaped. */
function warningText(header: string): string {
  return (/^\d+ \S+ "(.*)"$/.exec(header)?.[1] ?? header).replace(/\\(.)/g, "$1");
}
