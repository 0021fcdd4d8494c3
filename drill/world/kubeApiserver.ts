import { spawn, type ChildProcess } from "node:child_process";
import { generateKeyPairSync } from "node:crypto";
import { once } from "node:events";
import { closeSync, mkdirSync, openSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { apiServerFiles } from "../../kubernetes/apiServer";
import { hosts } from "./addresses";

/** Its address, as seen from hosts of the drill's network. */
export const apiServerUrl = `https://${hosts.apiServer}:6443`;

/** What callers send: anybody with a name may do everything, but anonymous callers may not. */
export const apiServerAuthorization = "Authorization: Bearer drill";

/** How kubectl and controllers reach it. The API server's identity does not matter: it made its own certificate. */
export const kubeconfig = JSON.stringify({
  ...{ apiVersion: "v1", kind: "Config", "current-context": "drill" },
  clusters: [{ name: "drill", cluster: { server: apiServerUrl, "insecure-skip-tls-verify": true } }],
  users: [{ name: "drill", user: { token: "drill" } }],
  contexts: [{ name: "drill", context: { cluster: "drill", user: "drill" } }],
});

/** The files that {@link ownFlags} name, by name. */
export function ownFiles(): Record<string, string> {
  const { privateKey, publicKey } = generateKeyPairSync("ec", {
    namedCurve: "P-256",
    privateKeyEncoding: { type: "sec1", format: "pem" },
    publicKeyEncoding: { type: "spki", format: "pem" },
  });
  return { "sa.key": privateKey, "sa.pub": publicKey, "tokens.csv": "drill,drill,drill,system:masters\n" };
}

/**
 * kube-apiserver's flags besides those for etcd.
 * @param directory of {@link ownFiles}, where it also puts its certificate
 */
export function ownFlags(directory: string): string[] {
  return [
    ...[`--bind-address=${hosts.apiServer}`, `--advertise-address=${hosts.apiServer}`],
    ...["--secure-port=6443", `--cert-dir=${directory}`, "--service-cluster-ip-range=10.96.0.0/16"],
    ...["--service-account-issuer=https://kubernetes.default.svc", "--authorization-mode=AlwaysAllow"],
    `--token-auth-file=${join(directory, "tokens.csv")}`,
    `--service-account-key-file=${join(directory, "sa.pub")}`,
    `--service-account-signing-key-file=${join(directory, "sa.key")}`,
    // Do not require service accounts: whether anybody makes them is not its concern.
    "--disable-admission-plugins=ServiceAccount",
  ];
}

/** A real kube-apiserver on the API servers' host, with the declared flags for etcd. */
export class KubeApiserver {
  private process?: ChildProcess;
  private restarts = false;
  private readonly log: string;

  /**
   * @param binary path of kube-apiserver
   * @param directory for its keys and log
   */
  constructor(
    private readonly binary: string,
    private readonly directory: string,
  ) {
    mkdirSync(directory, { recursive: true });
    this.log = join(directory, "kube-apiserver.log");
    for (const [name, content] of Object.entries(ownFiles()))
      writeFileSync(join(directory, name), content, { mode: 0o600 });
  }

  /**
   * Starts it.
   * @param flags the declared ones for etcd
   * @param identity directory of ca.crt, client.crt and client.key, instead of the declared paths
   * @param restarts whether it is started again when it exits by itself, as a kubelet would do: it exits if etcd does
   * not answer while it starts
   */
  start(flags: readonly string[], identity: string, restarts = false): void {
    const exchanged = flags.map((flag) =>
      flag
        .replace(apiServerFiles.ca, join(identity, "ca.crt"))
        .replace(apiServerFiles.cert, join(identity, "client.crt"))
        .replace(apiServerFiles.key, join(identity, "client.key")),
    );
    this.restarts = restarts;
    this.run([...exchanged, ...ownFlags(this.directory)]);
  }

  private run(flags: readonly string[]): void {
    const log = openSync(this.log, "a");
    this.process = spawn("ip", ["netns", "exec", "apiServer", this.binary, ...flags], {
      stdio: ["ignore", log, log],
    });
    closeSync(log);
    this.process.once("exit", () => {
      if (this.restarts) this.run(flags);
    });
  }

  async stop(): Promise<void> {
    this.restarts = false;
    const { process } = this;
    if (process === undefined || process.exitCode !== null) return;
    const ended = once(process, "exit");
    process.kill("SIGTERM");
    await ended;
    this.process = undefined;
  }

  /** Its last output, to find out why a drill failed. */
  get said(): string {
    return readFileSync(this.log, "utf8").split("\n").slice(-15).join("\n");
  }
}
