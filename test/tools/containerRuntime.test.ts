import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join, resolve } from "node:path";
import { getContainerRuntime } from "../../tools/containerRuntime";
import { script } from "./fakeEtcd";
import { refused } from "./outcome";

// Shell scripts stand in for the binaries, which take a minute to build.
const versions = {
  containerd: "containerd github.com/containerd/containerd/v2 2.4.2+unknown ",
  "containerd-shim-runc-v2": "containerd-shim-runc-v2:\n  Version:  2.4.2+unknown\n  Go version: go1.26.8",
  ctr: "ctr github.com/containerd/containerd/v2 2.4.2+unknown",
  crictl: "crictl version v1.37.0",
};
const originalPath = process.env.PATH;

let home: string;
let bin: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "container-runtime-test-"));
  bin = join(home, "bin");
  mkdirSync(bin);
  process.env.PATH = bin;
});
afterEach(() => {
  process.env.PATH = originalPath;
  rmSync(home, { recursive: true });
});

test("is found on PATH, if it is of the versions", async () => {
  for (const [name, text] of Object.entries(versions)) program(name, text);
  const all = await getContainerRuntime({ cacheDir: join(home, "cache") });
  expect(all).toEqual(Object.keys(versions).map((name) => join(bin, name)));
});

test("is built from Go modules held to the committed checksums, crictl told its version", async () => {
  const calls = join(home, "calls");
  const built = join(home, "built");
  mkdirSync(built);
  for (const [name, text] of Object.entries(versions)) program(name, text, built);
  script(join(bin, "go"), `echo "$PWD: $*" >>${calls}\n/bin/cp ${built}/"\${4##*/}" "$4"`);
  const all = await getContainerRuntime({ cacheDir: join(home, "cache") });
  expect(all.map((path) => basename(path))).toEqual(Object.keys(versions));
  const told = readFileSync(calls, "utf8").trimEnd().split("\n");
  expect(told).toHaveLength(4);
  expect(told[0]).toContain(
    `${resolve("tools/containerRuntime/modules/containerd/2.4.2")}: build -mod=readonly`,
  );
  expect(told[3]).toMatch(/modules\/crictl\/1\.37\.0: build .*Version=v1\.37\.0 sigs\.k8s\.io\/cri-tools/);
});

test("without any way, each that failed is told", async () => {
  program("containerd", "containerd github.com/containerd/containerd/v2 1.7.2 ");
  const error = await refused(getContainerRuntime({ cacheDir: join(home, "cache") }));
  expect(error.message).toContain("no way to containerd 2.4.2");
  expect(error.message).toContain("go: go is not on PATH");
});

function program(name: string, text: string, directory = bin): void {
  script(join(directory, name), `echo '${text}'`);
}
