import { spawn, type ChildProcess } from "node:child_process";
import { createHash, X509Certificate } from "node:crypto";
import { once } from "node:events";
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { ApiServerReport } from "../../contract/schemas";
import { apiServerKit, kitFiles } from "../../kubernetes/kit";
import { foreignIdentity } from "../../rehearse/foreign";
import { freePorts } from "../../rehearse/loopback";
import { until } from "../../rehearse/until";
import { ended } from "../fixtures/commands";
import { store } from "../machine/fixtures/machines";
import { realEtcd } from "../machine/fixtures/realEtcd";

// On a first run etcd is built.
jest.setTimeout(600_000);

type Identity = Awaited<ReturnType<typeof foreignIdentity>>;

const client = "/etcd/prod/pki/clients/apiserver";
const report = "/etcd/prod/api-servers/i-0123456789abcdef0";
const pki = "etc/kubernetes/pki";

let own: Identity;
let other: Identity;
let directory: string;
let root: string;
let port: number;
let etcd: ChildProcess;
let servers: ChildProcess[];

beforeAll(async () => {
  [own, other] = [await foreignIdentity(), await foreignIdentity()];
  const binaries = await realEtcd();
  directory = mkdtempSync(join(tmpdir(), "kit-etcd-"));
  for (const [name, text] of Object.entries(own)) writeFileSync(join(directory, name), text, { mode: 0o600 });
  const file = (name: keyof Identity) => join(directory, name);
  [port] = (await freePorts(1)) as [number];
  etcd = spawn(
    binaries.etcd,
    [
      ...[`--listen-client-urls=https://127.0.0.1:${port}`, `--data-dir=${join(directory, "data")}`],
      ...[`--advertise-client-urls=https://127.0.0.1:${port}`, "--client-cert-auth"],
      ...[`--cert-file=${file("cert")}`, `--key-file=${file("key")}`, `--trusted-ca-file=${file("caCert")}`],
      ...["--listen-peer-urls=unix://peer:1", "--initial-advertise-peer-urls=unix://peer:1"],
      "--initial-cluster=default=unix://peer:1",
    ],
    { cwd: directory, stdio: "ignore" },
  );
});

afterAll(async () => {
  etcd.kill();
  await once(etcd, "close");
  rmSync(directory, { recursive: true });
});

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "kit-"));
  servers = [];
  for (const { path, mode, content } of kitFiles("prod", [
    "https://127.0.0.1:1",
    `https://127.0.0.1:${port}`,
  ])) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), content, { mode });
  }
  // It must see no process but this test's, and ask this computer's systemd for nothing.
  mkdirSync(join(root, "proc"));
  symlinkSync("/proc/uptime", join(root, "proc", "uptime"));
  writeFileSync(join(root, "etc", "hostname"), "control-plane-1\n");
  mkdirSync(join(root, "bin"));
  writeFileSync(join(root, "bin", "systemctl"), "#!/bin/sh\nexit 3\n");
  chmodSync(join(root, "bin", "systemctl"), 0o755);
  declare(own);
});

afterEach(() => {
  for (const server of servers) server.kill("SIGKILL");
  rmSync(root, { recursive: true });
});

function declare({ cert, key }: Identity, ca = own.caCert): void {
  store.values.set(`${client}/ca.crt`, ca);
  store.values.set(`${client}/client.crt`, cert);
  store.values.set(`${client}/client.key`, key);
}

/** Runs the program that the timer starts. */
async function refresh(): Promise<{ code: number | null; stderr: string }> {
  const child = spawn(join(root, "usr/local/lib/etcd-client/refresh"), {
    stdio: ["ignore", "pipe", "pipe"],
    env: {
      ...process.env,
      PATH: `${join(root, "bin")}:${process.env.PATH}`,
      ETCD_CLIENT_ROOT: root,
      AWS_ENDPOINT_URL: store.url,
      AWS_EC2_METADATA_SERVICE_ENDPOINT: store.url,
    },
  });
  return ended(child);
}

/** What serves as the machine's kube-apiserver: a process of that name that says it is ready. The real one is drilled. */
async function apiServer(): Promise<ChildProcess> {
  const name = join(root, "bin", "kube-apiserver");
  if (!existsSync(name)) symlinkSync(process.execPath, name);
  const [secure] = await freePorts(1);
  const script = `
    const [cert, key] = ["cert", "key"].map((name) => require("fs").readFileSync(${JSON.stringify(directory)} + "/" + name));
    require("https").createServer({ cert, key }, (_, response) => response.end("ok")).listen(${secure}, "127.0.0.1");`;
  const flags = [`--secure-port=${secure}`, "--bind-address=127.0.0.1"];
  const child = spawn(name, ["-e", script, "--", ...flags], { stdio: "ignore" });
  servers.push(child);
  const seen = join(root, "proc", String(child.pid));
  symlinkSync(`/proc/${child.pid}`, seen);
  child.on("exit", () => rmSync(seen, { force: true }));
  return child;
}

const reported = () => JSON.parse(store.values.get(report)!) as ApiServerReport;
const read = (path: string) => readFileSync(join(root, pki, path), "utf8");
const fingerprint = (pem: string) =>
  createHash("sha256")
    .update(Buffer.from(pem.replace(/-----.*-----|\n/g, ""), "base64"))
    .digest("hex");

/** Until etcd answers, nothing is put in place. */
async function installed(): Promise<void> {
  let said = "";
  await until(
    () => `etcd to take the files: ${said}`,
    async () => {
      const { code, stderr } = await refresh();
      said = stderr;
      return code === 0;
    },
    { within: 60_000 },
  );
}

test("puts certificate, key and CAs where the flags look for them, readable by root alone", async () => {
  await installed();
  expect([read("apiserver-etcd-client.crt"), read("apiserver-etcd-client.key"), read("etcd/ca.crt")]).toEqual(
    [own.cert, own.key, own.caCert],
  );
  expect(lstatSync(join(root, pki, "etcd-client", "client.key")).mode & 0o777).toBe(0o600);
  expect(reported()).toMatchObject({
    instance: "i-0123456789abcdef0",
    running: false,
    pki: {
      trusted: [fingerprint(own.caCert)],
      certificate: fingerprint(own.cert),
      until: new Date(new X509Certificate(own.cert).validTo).toISOString().replace(".000", ""),
      issuer: fingerprint(own.caCert),
    },
  });
});

test("keeps what lay there before beside it", async () => {
  mkdirSync(join(root, pki, "etcd"), { recursive: true });
  writeFileSync(join(root, pki, "etcd", "ca.crt"), "old");
  await installed();
  await installed();
  expect([read("etcd/ca.crt"), read("etcd/ca.crt.before")]).toEqual([own.caCert, "old"]);
});

test.each([
  ["a certificate that etcd does not take", () => declare(other)],
  ["a key of another certificate", () => declare({ ...own, key: other.key })],
  ["a CA that is not etcd's", () => declare(own, other.caCert)],
  ["half of what there must be", () => store.values.delete(`${client}/client.key`)],
  ["a CA that is none", () => declare(own, "$(touch /pwned)\n")],
  ["no answer from AWS", () => (store.failure = { status: 500, type: "InternalServerError" })],
])("of %s nothing is put in place", async (_, spoil) => {
  await installed();
  spoil();
  const { code, stderr } = await refresh();
  expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining("waiting: ") as string });
  expect([read("apiserver-etcd-client.crt"), read("apiserver-etcd-client.key"), read("etcd/ca.crt")]).toEqual(
    [own.cert, own.key, own.caCert],
  );
});

test("restarts kube-apiserver where the CAs changed, once, and only there", async () => {
  await installed();
  const first = await apiServer();
  await until("it to be ready", () => Promise.resolve(first.exitCode === null));
  await installed();
  expect(first.signalCode).toBeNull();
  declare(own, own.caCert + other.caCert);
  // As a kubelet does.
  first.once("exit", () => void apiServer());
  expect(await refresh()).toMatchObject({
    code: 0,
    stderr: expect.stringContaining("runs with the new CAs") as string,
  });
  expect(first.signalCode).toBe("SIGTERM");
  expect(reported()).toMatchObject({
    running: true,
    pki: { trusted: [own.caCert, other.caCert].map(fingerprint) },
  });
  await installed();
  expect(servers).toHaveLength(2);
  expect(servers[1]!.signalCode).toBeNull();
});

test("waits while another machine's restart is under way, and tells what it still runs with", async () => {
  await installed();
  const first = await apiServer();
  declare(own, own.caCert + other.caCert);
  const lease = await gateway("lease/grant", { TTL: 600 });
  const key = Buffer.from("etcd-kubernetes/api-server-restart").toString("base64");
  await gateway("kv/put", { key, value: key, lease: lease.ID });
  expect(await refresh()).toMatchObject({
    code: 1,
    stderr: expect.stringContaining("waiting: another machine's") as string,
  });
  expect(first.signalCode).toBeNull();
  expect(reported()).toMatchObject({ running: true, pki: { trusted: [fingerprint(own.caCert)] } });
  await gateway("lease/revoke", { ID: lease.ID });
  first.once("exit", () => void apiServer());
  expect(await refresh()).toMatchObject({ code: 0 });
});

async function gateway(path: string, body: object): Promise<{ ID: string }> {
  const file = (name: keyof Identity) => join(directory, name);
  const files = ["--cacert", file("caCert"), "--cert", file("cert"), "--key", file("key")];
  const url = `https://127.0.0.1:${port}/v3/${path}`;
  const { code, stdout } = await ended(
    spawn("curl", ["-sSf", ...files, "-d", JSON.stringify(body), url], { stdio: ["ignore", "pipe", "pipe"] }),
  );
  expect(code).toBe(0);
  return JSON.parse(stdout) as { ID: string };
}

test("is one script that is the same each time, holds no secret and leaves user data room", () => {
  const kit = apiServerKit("prod", ["https://10.0.1.11:2379"]);
  expect(apiServerKit("prod", ["https://10.0.1.11:2379"])).toBe(kit);
  expect(kit).not.toContain("PRIVATE KEY");
  expect(Buffer.byteLength(kit)).toBeLessThan(12_000);
});
