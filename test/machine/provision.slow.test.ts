import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { declaration, specOf } from "../fixtures/declarations";
import { Machine } from "./fixtures/machine";
import { machines, store } from "./fixtures/machines";

const spec = specOf(declaration("prod"));
const files = ["peer-ca.crt", "peer.crt", "peer.key", "client-ca.crt", "server.crt", "server.key"];
const path = "/etcd/prod/pki/members/member1";

let machine: Machine;

describe("certificates", () => {
  beforeEach(() => {
    machine = new Machine("member1", store);
    machines.push(machine);
    for (const file of files) store.values.set(`${path}/${file}`, `first ${file}\n`);
  });

  const inPlace = () => files.map((file) => readFileSync(machine.path(`/etc/etcd/pki/${file}`), "utf8"));
  const directories = () => readdirSync(machine.path("/etc/etcd")).filter((name) => name.startsWith("pki."));

  test("are read again once the metadata service takes the kept token no more", async () => {
    expect(await machine.start("certificates")).toBe(0);
    store.session = "second";
    expect(await machine.start("certificates")).toBe(1);
    expect(await machine.start("certificates")).toBe(0);
  });

  test("are read although AWS throttles the first calls", async () => {
    store.throttled = 2;
    expect(await machine.start("certificates")).toBe(0);
    expect(inPlace()).toEqual(files.map((file) => `first ${file}\n`));
  });

  test("are read page by page, however AWS divides them", async () => {
    store.page = 2;
    expect(await machine.start("certificates")).toBe(0);
    expect(inPlace()).toEqual(files.map((file) => `first ${file}\n`));
  });

  test("are put in place whole, for etcd's group to read and for root alone to change", async () => {
    expect(await machine.start("certificates")).toBe(0);
    expect(inPlace()).toEqual(files.map((file) => `first ${file}\n`));
    const mode = (file: string) => statSync(machine.path(`/etc/etcd/pki/${file}`)).mode & 0o777;
    expect(mode("")).toBe(0o750);
    for (const file of files) expect(mode(file)).toBe(0o640);
    expect(machine.log).not.toContain("first");
  });

  test("are renewed together, and the old ones go", async () => {
    await machine.start("certificates");
    for (const file of files) store.values.set(`${path}/${file}`, `second ${file}\n`);
    expect(await machine.start("certificates")).toBe(0);
    expect(inPlace().every((content) => content.startsWith("second"))).toBe(true);
    await machine.start("certificates");
    expect(directories()).toHaveLength(1);
  });

  test("stay as they are where one is missing or AWS refuses", async () => {
    await machine.start("certificates");
    for (const file of files) store.values.set(`${path}/${file}`, `second ${file}\n`);
    store.values.delete(`${path}/server.key`);
    expect(await machine.start("certificates")).toBe(1);
    expect(machine.log).toContain(`waiting: ${path}/server.key, which is not there`);
    store.failure = { status: 400, type: "AccessDeniedException" };
    expect(await machine.start("certificates")).toBe(1);
    expect(machine.log).toContain("AccessDeniedException");
    expect(inPlace().every((content) => content.startsWith("first"))).toBe(true);
  });
});

describe("etcd's binaries", () => {
  const architecture = process.arch === "arm64" ? "arm64" : "amd64";
  const folder = `etcd-v${spec.version}-linux-${architecture}`;
  let mirror: Server;
  let archive: Buffer | undefined;

  beforeEach(async () => {
    archive = undefined;
    mirror = createServer((_, response) => {
      if (archive === undefined) response.statusCode = 404;
      response.end(archive);
    }).listen(0, "127.0.0.1");
    await once(mirror, "listening");
  });

  afterEach(async () => {
    mirror.closeAllConnections();
    mirror.close();
    await once(mirror, "close");
  });

  function declare(checksum?: string, environment: "production" | "testing" = "production"): void {
    const url = `http://127.0.0.1:${(mirror.address() as AddressInfo).port}`;
    machine = new Machine("member1", store, {
      ...spec,
      environment,
      mirror: url,
      checksums: { [architecture]: checksum },
    });
    machines.push(machine);
  }

  function release(): Buffer {
    const directory = machine.path(`/release/${folder}`);
    mkdirSync(directory, { recursive: true });
    for (const name of ["etcd", "etcdctl", "etcdutl"]) writeFileSync(join(directory, name), `#!/bin/sh\n`);
    return execFileSync("tar", ["-czf", "-", "-C", machine.path("/release"), folder]);
  }

  const isInstalled = () => existsSync(machine.path(`/opt/etcd/v${spec.version}`));

  test("are installed once their checksum holds, and then need no mirror", async () => {
    declare("0".repeat(64));
    const made = release();
    machine.end();
    declare(createHash("sha256").update(made).digest("hex"));
    archive = made;
    expect(await machine.start("binaries")).toBe(0);
    archive = undefined;
    expect(await machine.start("binaries")).toBe(0);
    expect(statSync(machine.path(`/opt/etcd/v${spec.version}/etcd`)).mode & 0o777).toBe(0o755);
  });

  test.each(["production", "testing"] as const)(
    "are not even asked for without a checksum, in %s by http",
    async (environment) => {
      declare(undefined, environment);
      archive = release();
      expect(await machine.start("binaries")).toBe(3);
      expect(machine.log).toContain(`refused: checksums.${architecture} is not declared`);
      expect(isInstalled()).toBe(false);
    },
  );

  test("of another checksum are not installed", async () => {
    declare("0".repeat(64));
    archive = release();
    expect(await machine.start("binaries")).toBe(1);
    expect(machine.log).toContain(`to be what its declared SHA-256 says, ${"0".repeat(64)}`);
    expect(isInstalled()).toBe(false);
  });

  test("that the mirror does not have are waited for, and nothing half-made is left", async () => {
    declare("0".repeat(64));
    expect(await machine.start("binaries")).toBe(1);
    expect(machine.log).toContain(`waiting: http://127.0.0.1`);
    expect(readdirSync(machine.path("/opt/etcd")).filter((name) => name.startsWith("new"))).toEqual([]);
  });

  test("of an archive that is none are not installed", async () => {
    const broken = Buffer.from("no archive");
    declare(createHash("sha256").update(broken).digest("hex"));
    archive = broken;
    expect(await machine.start("binaries")).not.toBe(0);
    expect(isInstalled()).toBe(false);
  });
});
