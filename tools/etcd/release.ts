import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { createReadStream, createWriteStream } from "node:fs";
import { rm } from "node:fs/promises";
import { basename, join } from "node:path";
import { text } from "node:stream/consumers";
import { pipeline } from "node:stream/promises";
import { promisify } from "node:util";
import { names } from "./binaries";
import { download } from "./download";
import { ToolError, Unavailable } from "./errors";
import type { GetEtcdOptions } from "./options";

/** Where the etcd project publishes its releases. */
const projectReleases = "https://github.com/etcd-io/etcd/releases/download";

const architectures: Readonly<Record<string, "amd64" | "arm64">> = { x64: "amd64", arm64: "arm64" };
const endings: Readonly<Record<string, string>> = { linux: ".tar.gz", darwin: ".zip" };

/**
 * Downloads a release's archive, checks it and puts the three binaries into the directory.
 * @throws Unavailable if the mirror cannot be reached or does not have it; ToolError if the archive is not
 * what its checksum says, which is never passed over
 */
export async function downloadRelease(directory: string, options: GetEtcdOptions): Promise<void> {
  const { version, mirror = projectReleases, checksums, report, signal } = options;
  const architecture = architectures[process.arch];
  const ending = endings[process.platform];
  if (architecture === undefined || ending === undefined) {
    throw new Unavailable(`etcd has no release for ${process.platform} on ${process.arch}`);
  }
  const folder = `etcd-v${version}-${process.platform}-${architecture}`;
  const url = `${mirror.replace(/\/+$/, "")}/v${version}/${folder}${ending}`;
  const archive = join(directory, `${folder}${ending}`);

  report?.(`downloading ${url}`);
  const pinned = process.platform === "linux" ? checksums?.[architecture] : undefined;
  const expected = pinned ?? (await publishedChecksum(url, signal));
  await pipeline(download(url, signal), createWriteStream(archive));
  const actual = await sha256(archive);
  if (actual !== expected) {
    const source = pinned === undefined ? "its SHA256SUMS says" : "the checksum pinned in the settings is";
    throw new ToolError(
      `${url}: SHA-256 is ${actual}, ${source} ${expected}: cut off or tampered with, so it is refused; ` +
        "try again, and if it stays so, do not trust this mirror",
    );
  }
  await extract(archive, folder, directory, signal);
  await rm(archive);
}

/** What the SHA256SUMS beside an archive says of it. */
async function publishedChecksum(archiveUrl: string, signal?: AbortSignal): Promise<string> {
  const [, base, file] = /^(.*\/)(.*)$/.exec(archiveUrl)!;
  const url = `${base}SHA256SUMS`;
  const lines = (await text(download(url, signal))).split("\n").map((line) => line.trim().split(/\s+\*?/));
  const checksum = lines.find(([, name]) => name === file)?.[0];
  if (checksum === undefined) throw new Unavailable(`${url}: has no line for ${file}`);
  return checksum;
}

async function sha256(file: string): Promise<string> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(file), hash);
  return hash.digest("hex");
}

/** The three binaries of an archive; the tar of macOS reads zip as well. */
async function extract(
  archive: string,
  folder: string,
  directory: string,
  signal?: AbortSignal,
): Promise<void> {
  const members = names.map((name) => `${folder}/${name}`);
  const options = ["-xf", archive, "-C", directory, "--strip-components=1", "--no-same-owner"];
  try {
    await promisify(execFile)("tar", [...options, ...members], { signal });
  } catch (error) {
    signal?.throwIfAborted();
    const { message, stderr } = error as Error & { stderr?: string };
    throw new ToolError(`${basename(archive)}: cannot be extracted (${(stderr || message).trim()})`);
  }
}
