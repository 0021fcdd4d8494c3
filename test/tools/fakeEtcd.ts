import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { names } from "../../tools/etcd/binaries";

// The release site is out of reach in tests, and Go takes a minute for etcd. Shell scripts that answer as
// etcd's binaries do stand in for them, in archives of the releases' layout; all else is real.

/** How a release's archive is called for this system, with the folder inside. */
export function releaseArchive(version: string) {
  const architecture = process.arch === "arm64" ? "arm64" : "amd64";
  const folder = `etcd-v${version}-${process.platform}-${architecture}`;
  return {
    architecture,
    folder,
    file: `${folder}${process.platform === "linux" ? ".tar.gz" : ".zip"}`,
  } as const;
}

/** A release's archive, whose binaries may report another version or lack one of the three. */
export function archiveOf(version: string, reported = version, contained: readonly string[] = names): Buffer {
  const { folder, file } = releaseArchive(version);
  const directory = mkdtempSync(join(tmpdir(), "etcd-archive-"));
  try {
    mkdirSync(join(directory, folder));
    writeFileSync(join(directory, folder, "README.md"), "");
    for (const name of contained) script(join(directory, folder, name), answering(name, reported));
    // By its ending tar knows which kind of archive to make.
    execFileSync("tar", ["-acf", join(directory, file), "-C", directory, folder]);
    return readFileSync(join(directory, file));
  } finally {
    rmSync(directory, { recursive: true });
  }
}

/** The body of a shell script that answers its version command as etcd's binary of this name does. */
export function answering(name: string, version: string): string {
  return name === "etcd"
    ? `[ "$1" = --version ] && echo "etcd Version: ${version}" && echo "Git SHA: Not provided"`
    : `[ "$1" = version ] && echo "${name} version: ${version}" && echo "API version: 3.6"`;
}

/**
 * Puts a `go` into the directory that writes the binary asked for with -o, and else does nothing.
 * @returns what tells its calls: directory, CGO_ENABLED and arguments
 */
export function fakeGo(bin: string, version: string): () => string[] {
  const built = join(bin, "built");
  const calls = join(bin, "calls");
  mkdirSync(built);
  for (const name of names) script(join(built, name), answering(name, version));
  script(
    join(bin, "go"),
    `echo "$PWD: CGO_ENABLED=$CGO_ENABLED $*" >> ${calls}
[ "$1" = build ] || exit 0
/bin/cp "${built}/\${4##*/}" "$4"`,
  );
  return () => readFileSync(calls, "utf8").trimEnd().split("\n");
}

/** Writes an executable shell script. */
export function script(path: string, body: string): void {
  writeFileSync(path, `#!/bin/sh\n${body}\n`);
  chmodSync(path, 0o755);
}

/** SHA-256 in hex. */
export function digest(data: Buffer): string {
  return createHash("sha256").update(data).digest("hex");
}
