import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import {
  getKubernetes,
  kubernetesVersion as version,
  type GetKubernetesOptions,
} from "../../tools/kubernetes";
import { digest, script } from "./fakeEtcd";
import { refused } from "./outcome";

// A shell script stands in for the binary, which has 119 MB and takes minutes to build.
const architecture = process.arch === "arm64" ? "arm64" : "amd64";
const path = `/v${version}/bin/linux/${architecture}/kube-apiserver`;
const answer = (reported: string) => `[ "$1" = --version ] && echo "Kubernetes v${reported}"`;
const binary = (reported = version) => Buffer.from(`#!/bin/sh\n${answer(reported)}\n`);

let home: string;
let cacheDir: string;
let bin: string;
let server: Server;
let served: Record<string, Buffer | string>;
const originalPath = process.env.PATH;

beforeEach(async () => {
  home = mkdtempSync(join(tmpdir(), "kube-apiserver-test-"));
  cacheDir = join(home, "cache");
  bin = join(home, "bin");
  mkdirSync(bin);
  process.env.PATH = bin;
  serve(binary());
  server = createServer(({ url }, response) => {
    const found = served[url!];
    if (found === undefined) response.writeHead(404).end();
    else response.end(found);
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
});

afterEach(async () => {
  process.env.PATH = originalPath;
  server.closeAllConnections();
  await new Promise((done) => server.close(done));
  rmSync(home, { recursive: true });
});

test("is found on PATH, if it is of the version", async () => {
  script(join(bin, "kube-apiserver"), answer(version));
  expect(await get()).toEqual({
    version,
    source: "path",
    cached: false,
    "kube-apiserver": join(bin, "kube-apiserver"),
  });
});

test("kubectl is asked for its own version, not a server's", async () => {
  const calls = join(bin, "calls");
  script(
    join(bin, "kubectl"),
    `echo "$@" >>${calls}; echo "Client Version: v${version}"; echo "Kustomize Version: v5.8.1"`,
  );
  expect(await getKubernetes("kubectl", { cacheDir })).toMatchObject({ version, source: "path" });
  expect(readFileSync(calls, "utf8")).toBe("version --client\n");
});

const onLinux = process.platform === "linux" ? describe : describe.skip;
onLinux("its release", () => {
  test("is downloaded where PATH has another version, checked and kept", async () => {
    script(join(bin, "kube-apiserver"), answer("1.36.3"));
    const got = await get();
    expect(got).toMatchObject({ version, source: "release", cached: false });
    expect(readdirSync(join(cacheDir, "kube-apiserver"))).toEqual([
      `${version}-release-linux-${process.arch}`,
    ]);
    served = {};
    expect(await get()).toEqual({ ...got, cached: true });
  });

  test("that is not what its checksum says is refused, whatever else there is", async () => {
    fakeGo();
    serve(binary(), "0".repeat(64));
    const error = await refused(get());
    expect(error.message).toContain(`SHA-256 is ${digest(binary())}, its .sha256 says ${"0".repeat(64)}`);
    expect(readdirSync(join(cacheDir, "kube-apiserver"))).toEqual([]);
  });

  test("of another version inside is refused", async () => {
    serve(binary("1.37.1"));
    const error = await refused(get());
    expect(error.message).toContain(`kube-apiserver: reports version 1.37.1, not ${version}`);
  });
});

test("is built from Go modules held to the committed checksums, and told its version", async () => {
  served = {};
  const calls = fakeGo();
  expect(await get()).toMatchObject({ source: "go", cached: false });
  expect(calls()).toEqual([
    expect.stringMatching(
      `^${resolve("tools/kubernetes/modules", version)}: build -mod=readonly -o .*/kube-apiserver ` +
        `.* -ldflags=.*gitVersion=v${version} .*gitMinor=37 k8s.io/kubernetes/cmd/kube-apiserver$`,
    ),
  ]);
});

test("without any way, each that failed is told", async () => {
  served = {};
  const error = await refused(get());
  expect(error.message).toContain(`no way to kube-apiserver ${version}`);
  expect(error.message).toContain("path: kube-apiserver not on PATH");
  expect(error.message).toContain("go: go is not on PATH");
  expect(error.message).toContain("Put kube-apiserver of this version on PATH, install Go,");
});

test("the committed modules are of this version, every replacement too", () => {
  const text = readFileSync(resolve("tools/kubernetes/modules", version, "go.mod"), "utf8");
  const replaced = [...text.matchAll(/^\s*(k8s\.io\/\S+) => (\S+) (\S+)$/gm)];
  expect(replaced.length).toBeGreaterThan(20);
  for (const [, from, to, at] of replaced) expect([to, at]).toEqual([from, version.replace("1.", "v0.")]);
  expect(text).toContain(`k8s.io/kubernetes v${version}`);
});

function get(options: GetKubernetesOptions = {}) {
  const mirror = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return getKubernetes("kube-apiserver", { mirror, cacheDir, ...options });
}

function serve(content: Buffer, checksum = digest(content)): void {
  served = { [path]: content, [`${path}.sha256`]: checksum };
}

/** Puts a `go` into the directory that writes a binary where it is asked to; returns what tells its calls. */
function fakeGo(): () => string[] {
  const calls = join(bin, "calls");
  script(join(bin, "built"), answer(version));
  script(join(bin, "go"), `echo "$PWD: $*" >> ${calls}\n/bin/cp ${join(bin, "built")} "$4"`);
  return () => readFileSync(calls, "utf8").trimEnd().split("\n");
}
