import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { architecture } from "../../tools/tool";
import { hosts } from "../machines/addresses";
import { estateOf } from "../machines/estate";
import { apiServerAuthorization, apiServerUrl, KubeApiserver } from "../machines/kubeApiserver";
import { CommandFailed, run } from "../machines/run";
import { worldDirectory } from "../machines/space";
import type { World } from "../machines/world";
import { record } from "../recorder";
import type { StackProgram } from "../recorder/project";
import type { Issued } from "../recorder/issuer";
import type { Recording } from "../recorder/recording";
import type { WriterReport } from "../local/writer";
import { until } from "../until";
import { awsOf } from "../aws";
import { verify, type Verification } from "../verify/verify";
import { OutsideClient, type Endpoint } from "./client";
import type { Orders } from "./inside";
import type { DrillEvent, Seen } from "./scenario";
import type { StatusRecord } from "../../machine/records";

/** One member as `etcdctl member list` has it. */
export interface ListedMember {
  id: string;
  name: string;
  isLearner: boolean;
}

/** A member as the stack file lists it. */
export interface DeclaredMember {
  name: string;
  subnet: string;
  address: string;
  replaces?: { name: string };
}

/** Minutes are generous: what a drill waits for comes, or something is wrong. */
const patience = 300_000;

/** What scenarios are written with: the world, and a view of the cluster from outside its machines. */
export class Drill {
  private client?: OutsideClient;
  /** The API server that runs, or ran. */
  apiServer?: KubeApiserver;
  private written = 0;

  constructor(
    readonly world: World,
    private program: StackProgram,
    public recording: Recording,
    private readonly issued: Map<string, Issued>,
    private readonly tools: Pick<Orders, "binaries" | "kubeApiserver" | "checksums">,
    private readonly tell: (event: DrillEvent) => void,
  ) {
    this.putIdentity();
  }

  /** The setting `members` as it is now. */
  get declared(): DeclaredMember[] {
    return JSON.parse(this.program.config["etcd:members"]!) as DeclaredMember[];
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
    this.program = withSettings(this.program, settings);
    this.recording = await record(this.program, { issuer: { kept: this.issued } });
    await this.world.declare(estateOf(this.recording));
  }

  /** Declares another version of etcd: user data that machines have when they are replaced. */
  async declareVersion(version: string): Promise<void> {
    await this.declare({ version, checksums: { [architecture()!]: this.tools.checksums[version] } });
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

  /** Boots every declared machine and waits for a healthy cluster. */
  async found(what = "five machines boot and found the cluster"): Promise<void> {
    this.doing(what);
    const start = performance.now();
    await Promise.all(this.members.map((member) => this.world.boot(member)));
    await this.healthy();
    this.seen({ what, timeToHealth: performance.now() - start });
    // A cluster is healthy on its root disks as well, until they are replaced.
    for (const member of this.members)
      await this.world.machine(member).exec("mountpoint", "--quiet", "/var/lib/etcd");
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
    const readyz = () => this.api("/readyz");
    await until(
      "the API server to be ready",
      () =>
        readyz().then(
          (answer) => answer === "ok",
          () => false,
        ),
      {
        within: patience,
        every: 250,
      },
    ).catch((error: Error) => {
      throw new Error(`${error.message}; it said:\n${this.apiServer!.said}`, { cause: error });
    });
  }

  /** Calls the API server with curl, on its own host. */
  api(path: string, ...args: string[]): Promise<string> {
    const options = ["-sS", "--insecure", "-H", apiServerAuthorization, ...args];
    return this.onHost("apiServer", "curl", ...options, `${apiServerUrl}${path}`);
  }

  /** A client outside starts to write, to etcd through every member there is or will be, or to the API server. */
  async startWriting(through: "etcd" | "api" = "etcd"): Promise<void> {
    const endpoints = this.world.estate.machines.map(({ member }) => this.endpoint(member));
    const { "ca.crt": ca, "client.crt": cert, "client.key": key } = this.world.estate.apiServer.files;
    this.client = await OutsideClient.writing("apiServer", {
      do: "write",
      prefix: `/drill/${this.written++}/w`,
      endpoints,
      api: through === "api" ? apiServerUrl : undefined,
      identity: { ca: ca!, cert: cert!, key: key! },
    });
  }

  /** Waits until the client outside has had so many more writes acknowledged. */
  async moreWrites(more: number): Promise<void> {
    await this.client!.moreWrites(more);
  }

  /** Ends the writing, and reads everything back through these members. */
  async stopWriting(readers: readonly string[] = this.members): Promise<Omit<Seen, "what">> {
    const { acknowledged, lost, longestGap } = await this.judge(readers);
    if (lost.length > 0) throw new Error(`${lost.length} acknowledged writes are lost, as ${lost[0]}`);
    return { acknowledged, lost: lost.length, longestGap };
  }

  /** The same, whatever it comes to. */
  async judge(readers: readonly string[] = this.members): Promise<WriterReport> {
    const report = await this.client!.judge(readers.map((member) => this.endpoint(member)));
    this.client!.end();
    this.client = undefined;
    return report;
  }

  /** Waits until exactly these members are listed, all voters, each healthy as etcdctl finds it. */
  async healthy(members: readonly string[] = this.members, within = patience): Promise<void> {
    let last = "";
    try {
      await until(
        `health of ${members.join(", ")}`,
        async () => {
          last = await this.unhealthy(members);
          return last === "";
        },
        { within, every: 100 },
      );
    } catch (error) {
      throw new Error(`${(error as Error).message}: ${last}`, { cause: error });
    }
  }

  /** Why the cluster is not as it should be; empty if it is. */
  private async unhealthy(members: readonly string[]): Promise<string> {
    try {
      const listed = await this.list(members);
      const wrong = listed.filter(({ name, isLearner }) => isLearner || !members.includes(name));
      if (wrong.length > 0 || listed.length !== members.length)
        return `the list is ${listed.map(({ name, isLearner }) => `${name || "unstarted"}${isLearner ? " (learner)" : ""}`).join(", ")}`;
      await this.etcdctl(members, "endpoint", "health");
      return "";
    } catch (error) {
      if (error instanceof CommandFailed) return error.said.trim();
      throw error;
    }
  }

  /** The cluster's own list, read through these members. */
  async list(through: readonly string[] = this.members): Promise<ListedMember[]> {
    const answer = await this.etcdctl(through, "member", "list", "--write-out=simple");
    return answer
      .trim()
      .split("\n")
      .map((line) => line.split(", "))
      .map(([id, , name, , , isLearner]) => ({ id: id!, name: name!, isLearner: isLearner === "true" }));
  }

  /** The leader, as these members say. */
  async leader(through: readonly string[] = this.members): Promise<string> {
    const answer = await this.etcdctl(through, "endpoint", "status", "--write-out=json");
    const each = JSON.parse(answer) as {
      Endpoint: string;
      Status: { header: { member_id: number }; leader: number };
    }[];
    const leader = each.find(({ Status: { header, leader: followed } }) => header.member_id === followed);
    const found = through.find((member) => leader?.Endpoint.includes(`//${this.world.addressOf(member)}:`));
    if (found === undefined) throw new Error(`no leader: ${answer}`);
    return found;
  }

  /** Some member that does not lead. */
  async follower(): Promise<string> {
    const leader = await this.leader();
    return this.members.find((member) => member !== leader)!;
  }

  /** etcdctl with the API server's certificate, on the API server's host. */
  etcdctl(through: readonly string[], ...args: string[]): Promise<string> {
    const endpoints = through.map((member) => `https://${this.world.addressOf(member)}:2379`).join(",");
    return this.onHost(
      "apiServer",
      join(this.tools.binaries, "etcdctl"),
      `--endpoints=${endpoints}`,
      ...["ca.crt", "client.crt", "client.key"].map(
        (file, index) => `--${["cacert", "cert", "key"][index]}=${join(worldDirectory, "api-server", file)}`,
      ),
      "--dial-timeout=2s",
      "--command-timeout=4s",
      ...args,
    );
  }

  /** Runs a program on a host of the drill's network. */
  onHost(host: string, ...command: string[]): Promise<string> {
    return run("ip", ["netns", "exec", host, ...command]);
  }

  /** What `npm run verify` finds, asked as an operator with credentials of the account. */
  async verify(): Promise<Verification> {
    Object.assign(process.env, {
      AWS_ENDPOINT_URL: `http://${hosts.services}`,
      AWS_ACCESS_KEY_ID: "AKIADRILL",
      AWS_SECRET_ACCESS_KEY: "drill",
    });
    const { program } = this;
    const { signal } = new AbortController();
    return verify({ program, aws: awsOf(program), wait: 0, progress: () => undefined, signal });
  }

  /** A member's status record, once it is as it should be. */
  async status(member: string, is: (status: StatusRecord) => boolean): Promise<StatusRecord> {
    let last: string | undefined;
    const { incarnation } = JSON.parse((await this.world.parameter(this.parameter("desired")))!) as {
      incarnation: string;
    };
    return until(
      `the status record of ${member}`,
      async () => {
        last = await this.world.parameter(this.parameter(`incarnations/${incarnation}/status/${member}`));
        const status = last === undefined ? undefined : (JSON.parse(last) as StatusRecord);
        return status && is(status) ? status : undefined;
      },
      { within: patience, every: 250 },
    ).catch((error: Error) => {
      throw new Error(`${error.message}; it is ${last}`);
    });
  }

  /** Waits until a machine says so in its journal. */
  async says(member: string, text: string, ...units: string[]): Promise<void> {
    await until(
      `${member} to say "${text}"`,
      async () => (await this.world.machine(member).journal(...units)).includes(text),
      { within: patience, every: 250 },
    );
  }

  /** Waits until the balancer thinks so of a member. */
  async balancerSays(member: string, state: "healthy" | "unhealthy"): Promise<void> {
    const address = this.world.addressOf(member);
    await until(
      `the balancer to find ${member} ${state}`,
      async () =>
        (await this.world.targetHealth()).some(
          (target) => target.address === address && target.state === state,
        ),
      { within: patience, every: 250 },
    );
  }

  /** The full name of a parameter of the cluster. */
  parameter(name: string): string {
    return `/etcd/${this.world.estate.cluster}/${name}`;
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

/** A stack with some settings changed; undefined leaves one out. */
export function withSettings(program: StackProgram, settings: Record<string, unknown>): StackProgram {
  const config = { ...program.config };
  for (const [key, value] of Object.entries(settings)) {
    const name = `${program.project}:${key}`;
    if (value === undefined) delete config[name];
    else config[name] = typeof value === "string" ? value : JSON.stringify(value);
  }
  return { ...program, config };
}
