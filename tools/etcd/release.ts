import { execFile } from "node:child_process";
import { rm } from "node:fs/promises";
import { basename, join } from "node:path";
import { text } from "node:stream/consumers";
import { promisify } from "node:util";
import { downloadChecked, type Expected } from "../checked";
import { download } from "../download";
import { ToolError, Unavailable } from "../errors";
import { architecture, type GetOptions } from "../tool";
import { names } from "./binaries";

/** Where the etcd project publishes its releases. */
const projectReleases = "https://github.com/etcd-io/etcd/releases/download";

const endings: Readonly<Record<string, string>> = { linux: ".tar.gz", darwin: ".zip" };

/**
 * Downloads a release's archive, verifies it and puts the three binaries into the directory.
 * @throws Unavailable if the mirror cannot be reached or does not have it; ToolError if the archive's checksum differs
 */
export async function downloadRelease(directory: string, options: GetOptions): Promise<void> {
  const { version, mirror = projectReleases, checksums, report, signal } = options;
  const ownArchitecture = architecture();
  const ending = endings[process.platform];
  if (ownArchitecture === undefined || ending === undefined) {
    throw new Unavailable(`etcd has no release for ${process.platform} on ${process.arch}`);
  }
  const folder = `etcd-v${version}-${process.platform}-${ownArchitecture}`;
  const url = `${mirror.replace(/\/+$/, "")}/v${version}/${folder}${ending}`;
  const archive = join(directory, `${folder}${ending}`);

  report?.(`downloading ${url}`);
  const pinned = process.platform === "linux" ? checksums?.[ownArchitecture] : undefined;
  const expected: Expected =
    pinned === undefined
      ? { checksum: await publishedChecksum(url, signal), source: "its SHA256SUMS says" }
      : { checksum: pinned, source: "the checksum pinned in the settings is" };
  await downloadChecked(url, archive, expected, signal);
  await extract(archive, folder, directory, signal);
  await rm(archive);
}

/** The checksum of an archive, from the SHA256SUMS beside it. */
async function publishedChecksum(archiveUrl: string, signal?: AbortSignal): Promise<string> {
  const [, base, file] = /^(.*\/)(.*)$/.exec(archiveUrl)!;
  const url = `${base}SHA256SUMS`;
  const lines = (await text(download(url, signal))).split("\n").map((line) => line.trim().split(/\s+\*?/));
  const checksum = lines.find(([, name]) => name === file)?.[0];
  if (checksum === undefined) throw new Unavailable(`${url}: has no line for ${file}`);
  return checksum;
}

/** Extracts the three binaries of an archive; macOS' tar reads zip as well. */
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
