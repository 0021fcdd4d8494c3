import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gzip } from "pako";
import { clientPkiParameters, clusterParameters } from "../contract/paths";
import { machineProgram } from "../machine/bundle";
import { tar, type ArchivedFile } from "../machine/tar";
import { apiServerFiles } from "./apiServer";

/** Directory of the kit's programs on an API server's machine. */
const programs = "usr/local/lib/etcd-client";

/**
 * A shell script for the machines of API servers: a part of their user data
 * (https://docs.cloud-init.io/en/latest/explanation/format.html), or run as root. It puts certificate, key and CAs
 * where kube-apiserver's flags look for them, and keeps them as they are declared: a timer renews them, and
 * kube-apiserver is restarted where its CAs changed. It waits at most ten minutes for the first ones.
 *
 * The machine needs bash, curl 7.87 or later, Python 3, systemd and tar, and a role with the policy of
 * {@link ApiServerEtcdConfig}. The same cluster gives the same script, byte for byte.
 * @param endpoints client URLs, https
 */
export function apiServerKit(cluster: string, endpoints: readonly string[]): string {
  const archive = gzip(tar(kitFiles(cluster, endpoints)), { level: 9, memLevel: 9 });
  const lines = Buffer.from(archive)
    .toString("base64")
    .match(/.{1,120}/g)!;
  return [
    "#!/bin/sh",
    `# What kube-apiserver needs for etcd ${cluster}, put in place and kept as it is declared: see ${programs}/refresh.`,
    "set -eu",
    "base64 -d <<'END' | tar -xz -C /",
    ...lines,
    "END",
    "systemctl daemon-reload",
    "systemctl enable --quiet --now etcd-client.timer",
    "timeout 600 sh -c 'until systemctl start etcd-client.service; do sleep 5; done'",
    "",
  ].join("\n");
}

/** What the script unpacks. */
export function kitFiles(cluster: string, endpoints: readonly string[]): ArchivedFile[] {
  const directory = join(__dirname, "kit");
  const own = readdirSync(directory).sort();
  const settings = {
    parameters: clusterParameters(cluster),
    client: clientPkiParameters(cluster, "apiserver"),
    endpoints: endpoints.join(","),
    ...apiServerFiles,
  };
  return [
    { path: "etc/etcd-client.conf", mode: 0o644, content: assignments(settings) },
    ...["aws.sh", "forms.sh", "in-use.py"].map((name) => program(name, machineProgram(name))),
    ...own.map((name) => {
      const content = readFileSync(join(directory, name), "utf8");
      return name.startsWith("etcd-client.")
        ? { path: `etc/systemd/system/${name}`, mode: 0o644, content }
        : program(name, content);
    }),
  ];
}

const program = (name: string, content: string): ArchivedFile => ({
  path: `${programs}/${name}`,
  mode: content.startsWith("#!") ? 0o755 : 0o644,
  content,
});

/** Variables of a shell. The values are of names, paths and URLs: nothing in them needs quotes. */
function assignments(values: Record<string, string>): string {
  return Object.entries(values)
    .map(([name, value]) => `${name}=${value}\n`)
    .join("");
}
