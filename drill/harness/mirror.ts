import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync } from "node:fs";
import { dirname, join } from "node:path";
import { architecture } from "../../tools/tool";
import type { EtcdBinaries } from "../../tools/etcd";
import { run } from "../../tools/run";

/**
 * Puts binaries into a directory in the form that the etcd project publishes, for machines to download.
 * @returns SHA-256 of the archive
 */
export async function putIntoMirror(
  directory: string,
  { version, etcd, etcdctl, etcdutl }: EtcdBinaries,
): Promise<string> {
  const name = `etcd-v${version}-linux-${architecture()}`;
  const archive = join(directory, `v${version}`, `${name}.tar.gz`);
  if (!existsSync(archive)) {
    mkdirSync(dirname(archive), { recursive: true });
    const part = `${archive}.${process.pid}`;
    const files = [etcd, etcdctl, etcdutl];
    const paths = files.map((file) => file.slice(1));
    // Hardly compressed: it crosses no wire, and five machines unpack it at once.
    await run("tar", [
      ...["--create", "--use-compress-program=gzip -1", `--file=${part}`, "--directory=/"],
      ...[`--transform=s,.*/,${name}/,`, ...paths],
    ]);
    renameSync(part, archive);
  }
  return createHash("sha256").update(readFileSync(archive)).digest("hex");
}
