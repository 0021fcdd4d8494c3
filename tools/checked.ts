import { createHash } from "node:crypto";
import { createReadStream, createWriteStream } from "node:fs";
import { pipeline } from "node:stream/promises";
import { download } from "./download";
import { ToolError } from "./errors";

/** The SHA-256 that a download must have, in hex, and who says so. */
export interface Expected {
  checksum: string;
  /** For example "its SHA256SUMS says". */
  source: string;
}

/**
 * Downloads a file and verifies its checksum.
 * @throws Unavailable if it cannot be downloaded; ToolError if the checksum differs, which is never ignored
 */
export async function downloadChecked(
  url: string,
  file: string,
  { checksum, source }: Expected,
  signal?: AbortSignal,
): Promise<void> {
  await pipeline(download(url, signal), createWriteStream(file));
  const actual = await sha256(file);
  if (actual === checksum) return;
  throw new ToolError(
    `${url}: SHA-256 is ${actual}, ${source} ${checksum}: cut off or tampered with, so it is refused; ` +
      "try again, and if it stays so, do not trust this mirror",
  );
}

async function sha256(file: string): Promise<string> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(file), hash);
  return hash.digest("hex");
}
