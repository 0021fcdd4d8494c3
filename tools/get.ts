import { cached, cacheEntry, fill } from "./cache";
import { ToolError, Unavailable } from "./errors";
import { findOnPath } from "./path";
import type { Binaries, GetOptions, Got, Source, Tool } from "./tool";
import { assertVersion } from "./version";

/**
 * Gets a tool's binaries of exactly one version.
 * @throws ToolError if no source has it, and at once if a checksum or version is wrong; the signal's reason if it
 * aborts
 */
export async function getTool<Name extends string>(
  tool: Tool<Name>,
  options: GetOptions,
): Promise<Got<Name>> {
  const { version, from = "auto", report, signal } = options;
  signal?.throwIfAborted();
  const sources: Source[] = from === "auto" ? ["path", "release", "go"] : [from];
  // What is on PATH stays there: only the other two sources ever have a cache entry.
  for (const source of sources) {
    const found = cached(tool, cacheEntry(tool, options, source));
    if (found !== undefined) return { ...found, version, source, cached: true };
  }
  const failures: string[] = [];
  for (const source of sources) {
    try {
      return { ...(await getFrom(source, tool, options)), version, source, cached: false };
    } catch (error) {
      if (!(error instanceof Unavailable)) throw error;
      failures.push(`  ${source}: ${error.message.replaceAll("\n", "\n    ")}`);
      if (source !== sources.at(-1)) report?.(`${error.message}; trying the next way`);
    }
  }
  const all = new Intl.ListFormat("en-GB").format(tool.names);
  throw new ToolError(
    [
      `no way to ${tool.title} ${version} on this computer:`,
      ...failures,
      `Put ${all} of this version on PATH, install Go, or set a mirror that is in reach.`,
    ].join("\n"),
  );
}

function getFrom<Name extends string>(
  source: Source,
  tool: Tool<Name>,
  options: GetOptions,
): Promise<Binaries<Name>> {
  if (source === "path") return findOnPath(tool, options);
  return fill(tool, cacheEntry(tool, options, source), async (directory) => {
    await (source === "release" ? tool.download(directory, options) : tool.build(directory, options));
    await assertVersion(tool, directory, options.version, options.signal);
  });
}
