import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { names } from "../../tools/etcd/binaries";
import { getEtcd, type GetEtcdOptions } from "../../tools/etcd";
import { answering, archiveOf, digest, fakeGo, releaseArchive, script } from "./fakeEtcd";
import { inCache, refused, until } from "./outcome";

const version = "3.6.16";
const { architecture, file } = releaseArchive(version);
const archivePath = `/v${version}/${file}`;
const sumsPath = `/v${version}/SHA256SUMS`;
const wrong = "0".repeat(64);

let home: string;
let cacheDir: string;
let bin: string;
let archive: Buffer;
let server: Server;
let served: Record<string, RequestListener | undefined>;
let requested: string[];
let reported: string[];
const originalPath = process.env.PATH;

beforeEach(async () => {
  home = mkdtempSync(join(tmpdir(), "etcd-test-"));
  cacheDir = join(home, "cache");
  bin = join(home, "bin");
  mkdirSync(bin);
  // Neither etcd nor Go is on PATH, unless a test puts it there.
  process.env.PATH = bin;
  reported = [];
  requested = [];
  archive = archiveOf(version);
  serve(archive);
  server = createServer((request, response) => {
    requested.push(request.url!);
    const answer = served[request.url!];
    if (answer) answer(request, response);
    else response.writeHead(404).end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
});

afterEach(async () => {
  jest.useRealTimers();
  process.env.PATH = originalPath;
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  rmSync(home, { recursive: true });
});

describe("release", () => {
  test("is downloaded, checked and kept", async () => {
    const binaries = await get();
    const entry = join(cacheDir, "etcd", `${version}-release-${process.platform}-${process.arch}`);
    expect(binaries).toEqual({
      version,
      source: "release",
      cached: false,
      etcd: join(entry, "etcd"),
      etcdctl: join(entry, "etcdctl"),
      etcdutl: join(entry, "etcdutl"),
    });
    expect(execFileSync(binaries.etcd, ["--version"], { encoding: "utf8" })).toContain(version);
    expect(readdirSync(entry)).toEqual([...names]);
    expect(inCache(cacheDir)).toHaveLength(1);
  });

  test("from the cache needs no server", async () => {
    await get();
    requested = [];
    expect(await get()).toMatchObject({ source: "release", cached: true });
    expect(requested).toEqual([]);
  });

  test("with an incomplete entry in the cache is got anew", async () => {
    const { etcdctl } = await get();
    rmSync(etcdctl);
    expect(await get()).toMatchObject({ source: "release", cached: false });
    expect(execFileSync(etcdctl, ["version"], { encoding: "utf8" })).toContain(version);
    expect(inCache(cacheDir)).toHaveLength(1);
  });

  test("is got by several at once", async () => {
    const both = await Promise.all([get(), get()]);
    for (const { etcd } of both) {
      expect(execFileSync(etcd, ["--version"], { encoding: "utf8" })).toContain(version);
    }
    expect(requested.filter((url) => url === archivePath)).toHaveLength(2);
    expect(inCache(cacheDir)).toHaveLength(1);
  });

  test("that is not what SHA256SUMS says is an error, not a reason to try Go", async () => {
    fakeGo(bin, version);
    serve(archive, wrong);
    const error = await refused(get());
    expect(error.message).toContain(file);
    expect(error.message).toContain(`SHA-256 is ${digest(archive)}, its SHA256SUMS says ${wrong}`);
    expect(inCache(cacheDir)).toEqual([]);
  });

  test.each([
    ["ends before its Content-Length", () => archive.length],
    ["is short, and its Content-Length too", () => archive.length - 100],
  ])("that %s is an error, not a reason to try Go", async (_, length) => {
    fakeGo(bin, version);
    const sent = archive.subarray(0, -100);
    served[archivePath] = (_request, response) => {
      response.writeHead(200, { "Content-Length": length() });
      response.write(sent, () => response.destroy());
    };
    const error = await refused(get());
    expect(error.message).toContain(file);
    expect(error.message).toContain(`SHA-256 is ${digest(sent)}, its SHA256SUMS says ${digest(archive)}`);
    expect(inCache(cacheDir)).toEqual([]);
  });

  const onLinux = process.platform === "linux" ? describe : describe.skip;
  onLinux("with a pinned checksum", () => {
    test("needs no SHA256SUMS", async () => {
      serve(archive, wrong);
      await get({ checksums: { [architecture]: digest(archive) } });
      expect(requested).toEqual([archivePath]);
    });

    test("is refused where it differs, whatever SHA256SUMS says", async () => {
      const error = await refused(get({ checksums: { [architecture]: wrong } }));
      expect(error.message).toContain(`the checksum pinned in the settings is ${wrong}`);
      expect(inCache(cacheDir)).toEqual([]);
    });
  });

  test("of another version inside is refused", async () => {
    serve(archiveOf(version, "3.6.15"));
    const error = await refused(get());
    expect(error.message).toContain(`etcd: reports version 3.6.15, not ${version}`);
    expect(inCache(cacheDir)).toEqual([]);
  });

  test("without one of the three is refused", async () => {
    serve(archiveOf(version, version, ["etcd", "etcdctl"]));
    const error = await refused(get());
    expect(error.message).toContain(`${file}: cannot be extracted`);
    expect(error.message).toContain("etcdutl");
    expect(inCache(cacheDir)).toEqual([]);
  });

  test.each([
    ["has no such version", "HTTP 404", () => (served = {})],
    ["says nothing of the archive", `has no line for ${file}`, () => serve(archive, wrong, "another.zip")],
  ])("of a mirror that %s leads on, and every way that failed is told", async (_, why, set) => {
    set();
    const error = await refused(get());
    expect(error.message).toContain(`no way to etcd ${version}`);
    expect(error.message).toContain("path: etcd, etcdctl, etcdutl not on PATH");
    expect(error.message).toContain(why);
    expect(error.message).toContain("go: go is not on PATH");
    expect(error.message).toMatch(/Put etcd.* on PATH, install Go, or set a mirror/);
    expect(reported).toContainEqual(expect.stringContaining(`${why}; trying the next way`));
    expect(inCache(cacheDir)).toEqual([]);
  });

  test("of a mirror that cannot be connected to leads on", async () => {
    const mirror = mirrorUrl();
    await new Promise((resolve) => server.close(resolve));
    const error = await refused(get({ mirror }));
    expect(error.message).toContain("ECONNREFUSED");
    expect(error.message).toContain("go: go is not on PATH");
  });

  test("of a mirror that never answers leads on", async () => {
    served[archivePath] = () => {};
    const clock = fakeClock();
    const failed = refused(get());
    await until(() => requested.includes(archivePath));
    clock.advanceTimersByTime(10_000);
    expect((await failed).message).toContain(`${file}: no answer for 10 s`);
    expect(inCache(cacheDir)).toEqual([]);
  });

  test("of a mirror that falls silent leads on", async () => {
    served[archivePath] = (_request, response) => void response.writeHead(200).write("x");
    const clock = fakeClock();
    const failed = refused(get());
    await until(() => inCache(cacheDir).some((entry) => sizeOf(join(cacheDir, "etcd", entry, file)) === 1));
    clock.advanceTimersByTime(30_000);
    expect((await failed).message).toContain(`${file}: silent for 30 s`);
    expect(inCache(cacheDir)).toEqual([]);
  });

  test("is dropped when the signal aborts", async () => {
    const abort = new AbortController();
    served[archivePath] = (_request, response) => {
      response.writeHead(200).write("x", () => abort.abort(new Error("interrupted")));
    };
    await expect(get({ signal: abort.signal })).rejects.toThrow("interrupted");
    expect(inCache(cacheDir)).toEqual([]);
  });
});

describe("PATH", () => {
  test("serves, if all three are of the version", async () => {
    for (const name of names) script(join(bin, name), answering(name, version));
    expect(await get()).toEqual({
      version,
      source: "path",
      cached: false,
      etcd: join(bin, "etcd"),
      etcdctl: join(bin, "etcdctl"),
      etcdutl: join(bin, "etcdutl"),
    });
    expect(requested).toEqual([]);
  });

  test("is skipped, if one is of another version", async () => {
    for (const name of names) script(join(bin, name), answering(name, version));
    script(join(bin, "etcdutl"), answering("etcdutl", "3.6.15"));
    expect(await get()).toMatchObject({ source: "release" });
    expect(reported).toContainEqual(
      `${join(bin, "etcdutl")}: reports version 3.6.15, not ${version}; trying the next way`,
    );
  });
});

test.each(["3.6", "v3.6.16", "latest", "../3.6.16"])(
  "version %s is refused before anything is done",
  async (given) => {
    const error = await refused(get({ version: given }));
    expect(error.message).toBe(
      `etcd version "${given}": must be a release in full, such as 3.6.16, without v`,
    );
  },
);

test("a cache that cannot be written is told", async () => {
  writeFileSync(join(home, "file"), "");
  const error = await refused(get({ cacheDir: join(home, "file") }));
  expect(error.message).toContain("cannot be written (ENOTDIR");
  expect(error.message).toContain("XDG_CACHE_HOME");
});

function get(options: Partial<GetEtcdOptions> = {}) {
  const report = (message: string) => void reported.push(message);
  return getEtcd({ version, mirror: mirrorUrl(), cacheDir, report, ...options });
}

function mirrorUrl(): string {
  return `http://127.0.0.1:${(server.address() as AddressInfo | null)?.port}`;
}

/** Serves an archive, with a SHA256SUMS that says so or otherwise. */
function serve(content: Buffer, checksum = digest(content), named = file): void {
  served = {
    [archivePath]: (_request, response) => void response.end(content),
    [sumsPath]: (_request, response) => void response.end(`${wrong}  other.tar.gz\n${checksum}  ${named}\n`),
  };
}

/** Timers that the test moves on; all else of the event loop runs. */
function fakeClock() {
  return jest.useFakeTimers({ doNotFake: ["Date", "setImmediate", "nextTick", "queueMicrotask"] });
}

function sizeOf(path: string): number | undefined {
  return statSync(path, { throwIfNoEntry: false })?.size;
}
