import { createServer, type AddressInfo } from "node:net";
import { once } from "node:events";
import { join } from "node:path";
import * as grpc from "@grpc/grpc-js";
import { loadSync } from "@grpc/proto-loader";
import { KvClient } from "../../rehearse/kvClient";
import { root } from "../fixtures/declarations";
import { caInputs, leafInputs, selfSigned, signedBy } from "../record/issued";

const { etcdserverpb } = grpc.loadPackageDefinition(
  loadSync(join(root, "rehearse", "kv.proto")),
) as unknown as { etcdserverpb: { KV: { service: grpc.ServiceDefinition } } };

test("a member that comes back is read at once, before the client's next try to connect", async () => {
  const ca = await selfSigned(caInputs);
  const names = { subject: { commonName: "member1" }, dnsNames: ["member1.example"] };
  const own = await signedBy(ca, names, leafInputs("server_auth", "client_auth"));
  const held = createServer().listen(0, "127.0.0.1");
  await once(held, "listening");
  const endpoint = `127.0.0.1:${(held.address() as AddressInfo).port}`;
  held.close();
  await once(held, "close");

  const client = new KvClient(endpoint, "member1.example", {
    ca: ca.certPem,
    cert: own.certPem,
    key: own.privateKeyPem,
  });
  const server = new grpc.Server();
  try {
    // While it is down a write fails at once, and the client waits before it connects again.
    await expect(client.put("key", "value")).rejects.toThrow("ECONNREFUSED");
    server.addService(etcdserverpb.KV.service, {
      Range: (_: unknown, answer: grpc.sendUnaryData<object>) =>
        answer(null, { kvs: [{ key: Buffer.from("key"), value: Buffer.from("value") }] }),
    });
    const pair = { private_key: Buffer.from(own.privateKeyPem), cert_chain: Buffer.from(own.certPem) };
    const credentials = grpc.ServerCredentials.createSsl(Buffer.from(ca.certPem), [pair], true);
    await new Promise<void>((bound, failed) =>
      server.bindAsync(endpoint, credentials, (error) => (error ? failed(error) : bound())),
    );
    expect(await client.get("key")).toBe("value");
  } finally {
    client.close();
    server.forceShutdown();
  }
});
