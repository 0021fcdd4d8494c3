import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { architecture } from "../../tools/tool";
import { hosts } from "../machines/addresses";
import { estateOf } from "../machines/estate";
import { bootControlPlane } from "../machines/controlPlane";
import { apiServerUrl, KubeApiserver } from "../machines/kubeApiserver";
import type { Machine } from "../machines/machine";
import { worldDirectory } from "../machines/space";
import type { World } from "../machines/world";
import { record } from "../recorder";
import { withSettings, type StackProgram } from "../recorder/project";
import type { Issued } from "../recorder/issuer";
import { ofType, type Recording } from "../recorder/recording";
import type { ClientIdentity } from "../local/kvClient";
import type { WriterReport } from "../local/writer";
import { until } from "../until";
import { awsOf } from "../aws";
import { verify, type Verification } from "../verify/verify";
import { OutsideClient, type Endpoint } from "./client";
import { EngineDeployment, type OperatorTool } from "./engineDeployment";
import type { Orders } from "./inside";
import type { DrillEvent, Seen } from "./scenario";
import { ClusterView, patience } from "./view";

/** A member as the stack file lists it. */
export interface DeclaredMember {
  name: string;
  subnet: string;
  address: string;
  replaces?: { name: string };
}

/** How commands, Pulumi and the quorum guard reach AWS here. */
const operator = {
  AWS_ENDPOINT_URL: `http://${hosts.services}`,
  AWS_ACCESS_KEY_ID: "AKIADRILL",
  AWS_SECRET_ACCESS_KEY: "drill",
};

/** What scenarios are written with: the world, what is done to it, and how its cluster is seen. */
export class Drill extends ClusterView {
  private client?: OutsideClient;
  /** The API server that runs, or ran. */
  apiServer?: KubeApiserver;
  private written = 0;
  private deployment?: EngineDeployment;
  private readonly declaredAtFirst: StackProgram;

  constructor(
    world: World,
    private program: StackProgram,
    public recording: Recording,
    private readonly issued: Map<string, Issued>,
    private readonly tools: Pick<
      Orders,
      "binaries" | "checksums" | "kubeApiserver" | "controlPlane" | OperatorTool
    >,
    private readonly tell: (event: DrillEvent) => void,
  ) {
    super(world, tools.binaries);
    this.declaredAtFirst = program;
    this.putIdentity();
  }

  /** The setting `members` as it is now. */
  get declared(): DeclaredMember[] {
    return this.setting<DeclaredMember[]>("members");
  }

  /** A setting as it is now. */
  setting<T>(name: string): T {
    return JSON.parse(this.program.config[`${this.program.project}:${name}`]!) as T;
  }

  /** Names of the declared members, in the order of the stack file. */
  get members(): string[] {
    return this.declared.map(({ name }) => name);
  }

  /** Says what is done next. */
  doing(what: string): void {
    this.tell({ event: "doing", what });
  }

  seen(seen: Seen): void {
    this.tell({ event: "seen", seen });
  }

  /** Changes settings of the stack, as an edit of its file and `pulumi up` would, machines apart. */
  async declare(settings: Record<string, unknown>): Promise<void> {
    await this.change(settings);
    await this.world.declare(estateOf(this.recording));
  }

  private async change(settings: Record<string, unknown>): Promise<void> {
    this.program = withSettings(this.program, settings);
    this.recording = await record(this.program, { issuer: { kept: this.issued } });
  }

  /** Declares another version of etcd: user data that machines have when they are replaced. */
  async declareVersion(version: string): Promise<void> {
    await this.declare(this.versionSettings(version));
  }

  /** Settings that declare a version of etcd. */
  versionSettings(version: string): Record<string, unknown> {
    return { version, checksums: { [architecture()!]: this.tools.checksums[version] } };
  }

  /**
   * Changes settings in the file of a stack that Pulumi's real engine deploys: machines come and go as it has it.
   */
  async edit(settings: Record<string, unknown>): Promise<void> {
    this.deployment ??= await EngineDeployment.create(this.world, this.tools, operator, (what) =>
      this.doing(what),
    );
    await this.change(settings);
    await this.deployment.edit(this.program, this.recording);
  }

  /**
   * Runs commands as an operator does, with kubectl for the API servers' host.
   * @param machine on which `sudo` runs its command
   * @throws Error with what they print if one fails
   */
  async operate(commands: string, machine?: Machine): Promise<string> {
    const printed = await this.deployment!.run(commands, machine);
    this.putIdentity();
    return printed;
  }

  /** Boots a control plane's machine on the API servers' host: an operator's commands there begin in the project. */
  async bootControlPlane(): Promise<Machine> {
    const { controlPlane, binaries } = this.tools;
    const programs = [...controlPlane!, join(binaries, "etcd"), join(binaries, "etcdctl")];
    return bootControlPlane(this.world, { programs, work: this.deployment!.project });
  }

  /** A member's machine is gone, perhaps with its volume, as Pulumi would find it. */
  async loseMachine(member: string, { withVolume = false } = {}): Promise<void> {
    await this.deployment!.lose(member, withVolume);
  }

  /** Replaces every machine, one after the other, in the declared order, each once the last one is healthy. */
  async roll(): Promise<void> {
    for (const member of this.members) {
      this.doing(`${member}'s machine is replaced`);
      await this.world.replace(member, "shutDown");
      await this.healthy();
    }
  }

  /** Lets the stack issue its members' and clients' certificates anew, as a run after their renewal is due. */
  async renewCertificates(): Promise<void> {
    for (const identity of this.issued.keys())
      if (identity.includes("locallySignedCert:")) this.issued.delete(identity);
    await this.declare({});
    this.putIdentity();
  }

  /** Boots every declared machine and waits for a healthy cluster, unless the drill before left one. */
  async found(what = "five machines boot and found the cluster"): Promise<void> {
    if (this.members.every((member) => member in this.world.instanceIds)) return;
    this.doing(what);
    const start = performance.now();
    await Promise.all(this.members.map((member) => this.world.boot(member)));
    await this.healthy();
    this.seen({ what, timeToHealth: performance.now() - start });
    // A cluster is healthy on its root disks as well, until they are replaced.
    for (const member of this.members)
      await this.world.machine(member).exec("mountpoint", "--quiet", "/var/lib/etcd");
  }

  /** Declares what was declared at first, and waits until the cluster is healthy: the next drill begins there. */
  async putBack(): Promise<void> {
    if (this.program !== this.declaredAtFirst) {
      this.program = this.declaredAtFirst;
      await this.declare({});
      this.program = this.declaredAtFirst;
    }
    await this.world.applyFirewall();
    await this.healthy();
  }

  /**
   * Does something to a healthy cluster under a writer, waits until it is healthy again, and says what the
   * writer saw of it. Fails if an acknowledged write is lost.
   */
  async under(
    what: string,
    fault: () => Promise<void>,
    { through = "etcd" }: { through?: "etcd" | "api" } = {},
  ): Promise<Seen> {
    await this.startWriting(through);
    this.doing(what);
    const start = performance.now();
    await fault();
    await this.healthy();
    const timeToHealth = performance.now() - start;
    const seen = { what, timeToHealth, ...(await this.stopWriting()) };
    this.seen(seen);
    return seen;
  }

  /** An API server that is not started. */
  newApiServer(): KubeApiserver {
    const directory = join(worldDirectory, `kube-apiserver${this.written++}`);
    return new KubeApiserver(this.tools.kubeApiserver!, directory);
  }

  /** Starts an API server on the declared flags, and waits until it is ready. */
  async startApiServer(): Promise<void> {
    this.apiServer = this.newApiServer();
    this.apiServer.start(this.world.estate.apiServer.flags, join(worldDirectory, "api-server"));
    const isReady = () =>
      this.api("/readyz")
        .then((answer) => answer === "ok")
        .catch(() => false);
    await until("the API server to be ready", isReady, { within: patience, every: 250 }).catch(
      (error: Error) => {
        throw new Error(`${error.message}; it said:\n${this.apiServer!.said}`, { cause: error });
      },
    );
  }

  /** A client outside starts to write, to etcd through every member there is or will be, or to the API server. */
  async startWriting(through: "etcd" | "api" = "etcd"): Promise<void> {
    const endpoints = this.world.estate.machines.map(({ member }) => this.endpoint(member));
    this.client = await OutsideClient.writing("apiServer", {
      do: "write",
      prefix: `/drill/${this.written++}/w`,
      endpoints,
      api: through === "api" ? apiServerUrl : undefined,
      identity: this.clientIdentity,
    });
  }

  private get clientIdentity(): ClientIdentity {
    const { "ca.crt": ca, "client.crt": cert, "client.key": key } = this.world.estate.apiServer.files;
    return { ca: ca!, cert: cert!, key: key! };
  }

  /** A client outside writes so many keys of so many bytes, which compress badly. */
  async fill(count: number, size: number): Promise<void> {
    await OutsideClient.filling("apiServer", {
      do: "fill",
      prefix: `/drill/${this.written++}/fill`,
      count,
      size,
      endpoints: this.members.map((member) => this.endpoint(member)),
      identity: this.clientIdentity,
    });
  }

  /** Waits until the client outside has had so many more writes acknowledged. */
  async moreWrites(more: number): Promise<void> {
    await this.client!.moreWrites(more);
  }

  /** Ends the writing, and reads everything back through these members. */
  async stopWriting(readers: readonly string[] = this.members): Promise<Omit<Seen, "what">> {
    const { acknowledged, lost, longestGap, p99 } = await this.judge(readers);
    if (lost.length > 0) throw new Error(`${lost.length} acknowledged writes are lost, as ${lost[0]}`);
    return { acknowledged, lost: lost.length, longestGap, p99 };
  }

  /** The same, whatever it comes to. */
  async judge(readers: readonly string[] = this.members): Promise<WriterReport> {
    const report = await this.client!.judge(readers.map((member) => this.endpoint(member)));
    this.client!.end();
    this.client = undefined;
    return report;
  }

  /**
   * What the quorum guard of the stack, with some settings changed, answers before a member's volume is
   * detached: asked as Pulumi's engine asks it. It waits for nobody.
   * @returns "allowed", or why not
   */
  async askGuard(settings: Record<string, unknown>, member: string): Promise<string> {
    Object.assign(process.env, operator);
    const [attachment] = ofType(this.recording, "aws:ec2/volumeAttachment:VolumeAttachment").filter(
      ({ name }) => name.endsWith(`-${member}`),
    );
    const { urn, id, name, type, inputs, options } = attachment!;
    // In the state stand names of hooks alone.
    const hook = options.hooks!.beforeDelete![0]!;
    const oldInputs = { ...inputs, instanceId: this.world.instanceIds[member] };
    let answer: string | undefined;
    await record(withSettings(this.program, { quorumGuard: { wait: 0 }, ...settings }), {
      issuer: { kept: this.issued },
      atEnd: async (_, callHook) => {
        answer = (await callHook(hook, { urn, id: id!, name, type, oldInputs })).error;
      },
    });
    return answer ?? "allowed";
  }

  /** What `npm run verify` finds, asked as an operator with credentials of the account. */
  async verify(): Promise<Verification> {
    Object.assign(process.env, operator);
    const { program } = this;
    const { signal } = new AbortController();
    return verify({ program, aws: awsOf(program), wait: 0, progress: () => undefined, signal });
  }

  private endpoint(member: string): Endpoint {
    const { cluster, dns } = this.world.estate;
    const record = dns.find(({ name }) => name.startsWith(`${member}.${cluster}.`));
    return { address: this.world.addressOf(member), serverName: record?.name ?? member };
  }

  private putIdentity(): void {
    const directory = join(worldDirectory, "api-server");
    mkdirSync(directory, { recursive: true });
    for (const [file, content] of Object.entries(this.world.estate.apiServer.files))
      writeFileSync(join(directory, file), content, { mode: 0o600 });
  }
}
