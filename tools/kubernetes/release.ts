import { chmod } from "node:fs/promises";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { downloadChecked } from "../checked";
import { download } from "../download";
import { Unavailable } from "../errors";
import { architecture, type GetOptions } from "../tool";

/** Where the Kubernetes project publishes its releases. */
const projectReleases = "https://dl.k8s.io/release";

/**
 * Downloads a program into the directory and verifies the checksum published beside it.
 * @throws Unavailable if the mirror cannot be reached or does not have it, or there is none for this system; ToolError
 * if the checksum differs
 */
export async function downloadRelease(
  program: string,
  directory: string,
  options: GetOptions,
): Promise<void> {
  const { version, mirror = projectReleases, report, signal } = options;
  const ownArchitecture = architecture();
  if (process.platform !== "linux" || ownArchitecture === undefined) {
    throw new Unavailable(`${program} has no release for ${process.platform} on ${process.arch}`);
  }
  const url = `${mirror.replace(/\/+$/, "")}/v${version}/bin/linux/${ownArchitecture}/${program}`;
  const file = join(directory, program);
  report?.(`downloading ${url}`);
  const checksum = (await text(download(`${url}.sha256`, signal))).trim();
  await downloadChecked(url, file, { checksum, source: "its .sha256 says" }, signal);
  await chmod(file, 0o755);
}
