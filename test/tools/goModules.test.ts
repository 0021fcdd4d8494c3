import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { getEtcd, type GetEtcdOptions } from "../../tools/etcd";
import { fakeGo, script } from "./fakeEtcd";
import { inCache, refused, until } from "./outcome";

const version = "3.6.16";
const originalPath = process.env.PATH;
let home: string;
let cacheDir: string;
let bin: string;
let reported: string[];

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "etcd-test-"));
  cacheDir = join(home, "cache");
  bin = join(home, "bin");
  mkdirSync(bin);
  process.env.PATH = bin;
  reported = [];
});

afterEach(() => {
  process.env.PATH = originalPath;
  rmSync(home, { recursive: true });
});

test("a version with committed checksums is held to them", async () => {
  const calls = fakeGo(bin, version);
  expect(await build()).toMatchObject({ source: "go", cached: false });
  const pinned = resolve("tools/etcd/modules", version);
  expect(calls()).toEqual([
    expect.stringMatching(
      `^${pinned}: CGO_ENABLED=0 build -mod=readonly .*/etcd .* go.etcd.io/etcd/server/v3$`,
    ),
    expect.stringMatching(`^${pinned}: .*/etcdctl .* go.etcd.io/etcd/etcdctl/v3$`),
    expect.stringMatching(`^${pinned}: .*/etcdutl .* go.etcd.io/etcd/etcdutl/v3$`),
  ]);
  expect(reported).toEqual([
    `building etcd ${version} from Go modules, held to the checksums committed here`,
  ]);
  expect(inCache(cacheDir)).toEqual([`${version}-go-${process.platform}-${process.arch}`]);
});

test("any other version is resolved, and held to Go's checksum database", async () => {
  const calls = fakeGo(bin, "3.6.15");
  expect(await build({ version: "3.6.15" })).toMatchObject({ source: "go" });
  expect(calls()).toContainEqual(expect.stringContaining("get -tool go.etcd.io/etcd/server/v3@v3.6.15"));
  expect(reported).toEqual(["building etcd 3.6.15 from Go modules, held to Go's checksum database"]);
});

test("what was built is found in the cache before any other way is tried", async () => {
  fakeGo(bin, version);
  await build();
  expect(await build({ from: "auto" })).toMatchObject({ source: "go", cached: true });
});

test("a build that fails tells the end of Go's output", async () => {
  script(join(bin, "go"), 'i=0; while [ $i -lt 30 ]; do echo "line $i" >&2; i=$((i+1)); done; exit 1');
  const error = await refused(build());
  expect(error.message).toMatch(/line 20\n(.*\n)+ *line 29\nPut etcd/);
  expect(error.message).not.toContain("line 19");
  expect(inCache(cacheDir)).toEqual([]);
});

test("without Go the ways out are told", async () => {
  const error = await refused(build());
  expect(error.message).toContain("go is not on PATH");
  expect(error.message).toMatch(/Put etcd.* on PATH, install Go, or set a mirror/);
});

test("an abort ends Go with its children and leaves nothing behind", async () => {
  const childFile = join(home, "child");
  script(
    join(bin, "go"),
    `/bin/sleep 60 & echo $! > ${childFile}.new; /bin/mv ${childFile}.new ${childFile}; wait`,
  );
  const abort = new AbortController();
  const failed = expect(build({ signal: abort.signal })).rejects.toThrow("interrupted");
  await until(() => existsSync(childFile));
  const child = Number(readFileSync(childFile, "utf8"));
  abort.abort(new Error("interrupted"));
  await failed;
  // It is dead by now, yet there until the system's first process has taken note.
  await until(() => !isRunning(child));
  expect(inCache(cacheDir)).toEqual([]);
});

function build(options: Partial<GetEtcdOptions> = {}) {
  const report = (message: string) => void reported.push(message);
  return getEtcd({ version, from: "go", cacheDir, report, ...options });
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
