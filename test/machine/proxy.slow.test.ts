import { once } from "node:events";
import { request as ask, createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { bundle, partName } from "../../machine/bundle";
import { machineFiles } from "../../machine/files";
import { declaration, root, specOf } from "../fixtures/declarations";
import { Machine } from "./fixtures/machine";
import { machines, store } from "./fixtures/machines";

// Names that lead nowhere: only a proxy answers for them.
const aws = { AWS_ENDPOINT_URL: "", AWS_ENDPOINT_URL_SSM: "http://ssm.example.com" };
const mirror = "http://artifacts.example.com/etcd";

let proxy: Server;
/** What the proxy was asked for, in order. */
let asked: string[];
let machine: Machine;
let environment: Record<string, string>;

beforeEach(async () => {
  asked = [];
  proxy = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`);
    const { hostname, pathname } = new URL(request.url!);
    if (hostname !== "ssm.example.com") return void response.writeHead(404).end();
    const { method, headers } = request;
    const onward = ask(new URL(pathname, store.url), { method, headers }, (answer) => {
      response.writeHead(answer.statusCode!);
      answer.pipe(response);
    });
    request.pipe(onward);
  })
    .on("connect", ({ url }: { url: string }, socket: NodeJS.WritableStream) => {
      asked.push(`CONNECT ${url}`);
      socket.end("HTTP/1.1 502 Bad Gateway\r\n\r\n");
    })
    .listen(0, "127.0.0.1");
  await once(proxy, "listening");
  const address = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
  const spec = specOf(declaration("prod"));
  const declared = {
    ...spec,
    mirror,
    checksums: { amd64: "0".repeat(64), arm64: "0".repeat(64) },
    network: { ...spec.network, outbound: "external", proxy: address },
  };
  machine = new Machine("member1", store, declared);
  machines.push(machine);
  // As systemd reads it.
  const { content } = machineFiles(declared, declared.members[0]!).find(({ path }) =>
    path.includes("/etcd-.service.d/"),
  )!;
  environment = Object.fromEntries(
    [...content.matchAll(/^Environment=(\w+)=(.*)$/gm)].map(([, name, value]) => [name!, value!]),
  );
});

afterEach(async () => {
  proxy.closeAllConnections();
  proxy.close();
  await once(proxy, "close");
});

test("the stub gets the programs by the proxy, and asks the metadata service without it", async () => {
  const { sha256, parts } = bundle();
  machine.pretend("systemd-sysusers", "");
  machine.write("/usr/local/lib/.keep", "");
  for (const [index, part] of parts.entries())
    store.values.set(`/etcd/prod/bundles/${sha256}/${partName(index)}`, part);
  const stub = join(root, "machine", "stub", "install");
  expect(await machine.run(stub, { ...environment, ...aws }, ["once"])).toBe(0);
  expect(new Set(asked)).toEqual(new Set(["POST http://ssm.example.com/"]));
});

test("programs reach AWS and the mirror by the proxy, by TLS as well", async () => {
  await machine.start("binaries", environment);
  await machine.start("certificates", { ...environment, ...aws });
  await machine.start("certificates", { ...environment, AWS_ENDPOINT_URL: "" });
  expect(asked).toEqual([
    expect.stringMatching(/^GET http:\/\/artifacts\.example\.com\/etcd\/v/),
    "POST http://ssm.example.com/",
    "CONNECT ssm.eu-central-1.amazonaws.com:443",
  ]);
});
