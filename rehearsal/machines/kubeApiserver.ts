import { generateKeyPairSync } from "node:crypto";
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, openSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { apiServerFiles } from "../../machine/apiServer";
import { hosts } from "./addresses";

/** Where it answers, from hosts of the drill's network. */
export const apiServerUrl = `https://${hosts.apiServer}:6443`;

/** What callers show: whoever it is may do everything, but nobody may be nobody. */
export const apiServerAuthorization = "Authorization: Bearer drill";

/** A real kube-apiserver on the API servers' host, with the declared flags for etcd. */
export class KubeApiserver {
  private process?: ChildProcess;
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
    const { privateKey, publicKey } = generateKeyPairSync("ec", {
      namedCurve: "P-256",
      privateKeyEncoding: { type: "sec1", format: "pem" },
      publicKeyEncoding: { type: "spki", format: "pem" },
    });
    writeFileSync(join(directory, "sa.key"), privateKey, { mode: 0o600 });
    writeFileSync(join(directory, "sa.pub"), publicKey);
    writeFileSync(join(directory, "tokens.csv"), "drill,drill,drill,system:masters\n");
  }

  /**
   * Starts it.
   * @param flags the declared ones for etcd
   * @param identity directory of ca.crt, client.crt and client.key, in the place of the declared paths
   */
  start(flags: readonly string[], identity: string): void {
    const exchanged = flags.map((flag) =>
      flag
        .replace(apiServerFiles.ca, join(identity, "ca.crt"))
        .replace(apiServerFiles.cert, join(identity, "client.crt"))
        .replace(apiServerFiles.key, join(identity, "client.key")),
    );
    const log = openSync(this.log, "a");
    this.process = spawn(
      "ip",
      [
        ...["netns", "exec", "apiServer", this.binary, ...exchanged],
        ...[`--bind-address=${hosts.apiServer}`, `--advertise-address=${hosts.apiServer}`],
        ...["--secure-port=6443", `--cert-dir=${this.directory}`, "--service-cluster-ip-range=10.96.0.0/16"],
        ...["--service-account-issuer=https://kubernetes.default.svc", "--authorization-mode=AlwaysAllow"],
        `--token-auth-file=${join(this.directory, "tokens.csv")}`,
        `--service-account-key-file=${join(this.directory, "sa.pub")}`,
        `--service-account-signing-key-file=${join(this.directory, "sa.key")}`,
        // Nobody here makes service accounts.
        "--disable-admission-plugins=ServiceAccount",
      ],
      { stdio: ["ignore", log, log] },
    );
  }

  /** What kubectl reaches it with. */
  get kubeconfig(): string {
    const [name, user] = ["drill", { token: "drill" }];
    // The certificate that it makes itself brings its CA along.
    const cluster = { server: apiServerUrl, "certificate-authority": join(this.directory, "apiserver.crt") };
    return JSON.stringify({
      ...{ apiVersion: "v1", kind: "Config", "current-context": name },
      ...{ clusters: [{ name, cluster }], users: [{ name, user }] },
      contexts: [{ name, context: { cluster: name, user: name } }],
    });
  }

  async stop(): Promise<void> {
    const { process } = this;
    if (process === undefined || process.exitCode !== null) return;
    const ended = once(process, "exit");
    process.kill("SIGTERM");
    await ended;
    this.process = undefined;
  }

  /** Its last words, to find out why a drill failed. */
  get said(): string {
    return readFileSync(this.log, "utf8").split("\n").slice(-15).join("\n");
  }
}
