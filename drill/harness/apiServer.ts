import { join } from "node:path";
import { until } from "../../rehearse/until";
import { apiServerAuthorization, apiServerUrl, KubeApiserver } from "../world/kubeApiserver";
import { onHost } from "../world/network";
import { worldDirectory } from "../world/space";
import type { World } from "../world/world";
import { patience } from "./cluster";
import { identityDirectory } from "./identity";

/** The one API server that runs on the API servers' host at a time. */
export class ApiServer {
  private running?: KubeApiserver;
  private made = 0;

  constructor(
    private readonly world: World,
    /** Path of kube-apiserver, for drills that need it. */
    private readonly binary: string | undefined,
  ) {}

  /**
   * Starts one with the declared flags, and waits until it is ready.
   * @param options `restarts`: it is started again when it exits by itself, as a kubelet would do; `identity`: the
   * directory of its files, instead of the one that everybody here has
   */
  async start({
    identity = identityDirectory,
    ...options
  }: { restarts?: boolean; identity?: string } = {}): Promise<void> {
    const server = this.startAs(identity, options);
    this.running = server;
    const isReady = () =>
      this.call("/readyz")
        .then((answer) => answer === "ok")
        .catch(() => false);
    await until("the API server to be ready", isReady, { within: patience, every: 250 }).catch(
      (error: Error) => {
        throw new Error(`${error.message}; it said:\n${server.said}`, { cause: error });
      },
    );
  }

  /** Starts one with the client certificate from a directory, whether or not etcd accepts it. */
  startAs(identity: string, { restarts }: { restarts?: boolean } = {}): KubeApiserver {
    const server = new KubeApiserver(this.binary!, join(worldDirectory, `kube-apiserver${this.made++}`));
    server.start(this.world.estate.apiServer.flags, identity, restarts);
    return server;
  }

  async stop(): Promise<void> {
    await this.running!.stop();
  }

  /** Calls it with curl, from its own host. */
  call(path: string, ...args: string[]): Promise<string> {
    const options = ["-sS", "--insecure", "-H", apiServerAuthorization, ...args];
    return onHost("apiServer", "curl", ...options, `${apiServerUrl}${path}`);
  }
}
