import { spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { desiredParameter, incarnationParameters } from "../../contract/paths";
import type { BackupManifest, StatusRecord } from "../../contract/records";
import { keptIn, type Kept } from "../../engine/aws/kept";
import { changeSettings, copyProject } from "../../engine/project";
import { observe, type Change } from "../../engine/observer";
import { cloudDirectory, engineEnvironment, type EnginePlace } from "../../engine/standIns";
import type { ClusterDeclaration } from "../../spec";
import type { Pulumi } from "../../tools/pulumi";
import { AwsStandIn } from "../fixtures/awsStandIn";
import { ended, type Ended } from "../fixtures/commands";

const instanceType = "aws:ec2/instance:Instance";
const founders = ["member1", "member2", "member3", "member4", "member5"];
const attachmentType = "aws:ec2/volumeAttachment:VolumeAttachment";

/**
 * The production stack deployed by the real engine to the stand-in for AWS, in a directory of its own. Its
 * machines run nothing: they say that they are well as soon as their volume is attached, unless a test has
 * them say something else.
 */
export class Deployment {
  /** What happened, in its order: `delete Instance member1`, `ask GetParametersByPath`. */
  readonly happened: string[] = [];
  /** What AWS refuses, by what happens, and its words. */
  readonly refused = new Map<string, string>();
  /** AWS as the guard asks it: shows what exists, and what the machines say. */
  readonly aws = new AwsStandIn();
  /** Members that are not ready. */
  readonly ill = new Set<string>();
  /** Members that have told nothing since their machine was made. */
  readonly silent = new Set<string>();
  /** Whether the bucket holds a backup, taken when the test began. */
  backedUp = true;
  private readonly began = new Date();
  private readonly awaited: { line: string; left: number; act: () => void }[] = [];
  private readonly ending: (() => Promise<void>)[] = [];
  private env: NodeJS.ProcessEnv = {};

  private constructor(private readonly place: EnginePlace) {}

  /** A stack that is declared and not deployed yet. */
  static async fresh(pulumi: Pulumi): Promise<Deployment> {
    const deployment = new Deployment({ home: mkdtempSync(join(tmpdir(), "engine-")), pulumi });
    copyProject(deployment.project);
    await deployment.open();
    const { code, stderr } = await deployment.pulumi("stack", "init", "prod");
    if (code !== 0) throw new Error(stderr);
    return deployment;
  }

  /** The same stack at the same point, for what is tried next. */
  async copy(): Promise<Deployment> {
    const { home, pulumi } = this.place;
    const copy = new Deployment({ home: mkdtempSync(join(tmpdir(), "engine-")), pulumi });
    for (const part of ["backend", "cloud", "project"])
      cpSync(join(home, part), join(copy.place.home, part), { recursive: true, verbatimSymlinks: true });
    await copy.open();
    return copy;
  }

  /** Directory of the program. */
  get project(): string {
    return join(this.place.home, "project");
  }

  /** Changes the stack's settings. */
  declare(change: (settings: ClusterDeclaration) => void): void {
    changeSettings(this.project, change);
  }

  /**
   * Runs a command of Pulumi on the stack and returns what it prints.
   * @throws Error with what it says if it fails
   */
  async succeed(command: Command, ...args: string[]): Promise<string> {
    const { code, stdout, stderr } = await this.run(command, args);
    if (code !== 0) throw new Error(`pulumi ${command} failed: ${diagnostics(stdout)}${stderr}`);
    return stdout;
  }

  /**
   * What a command of Pulumi on the stack says when it fails.
   * @throws Error if it does not
   */
  async fail(command: Command, ...args: string[]): Promise<string> {
    const { code, stdout, stderr } = await this.run(command, args);
    if (code === 0) throw new Error(`pulumi ${command} did not fail`);
    return diagnostics(stdout) + stderr;
  }

  private run(command: Command, args: string[]): Promise<Ended> {
    const options = { preview: [], up: ["--yes", "--skip-preview"], destroy: ["--yes"] }[command];
    return this.pulumi(command, "--stack", "prod", "--suppress-outputs", ...options, ...args);
  }

  /** What a command finds in its environment: `pulumi` on PATH, confirmations given. */
  get environment(): NodeJS.ProcessEnv {
    const PATH = [dirname(this.place.pulumi.pulumi), this.env.PATH].join(delimiter);
    return { ...this.env, PATH, PULUMI_SKIP_CONFIRMATIONS: "true" };
  }

  pulumi(...args: string[]): Promise<Ended> {
    this.happened.length = 0;
    const child = spawn(this.place.pulumi.pulumi, [...args, "--non-interactive"], {
      cwd: this.project,
      env: this.env,
      stdio: ["ignore", "pipe", "pipe"],
    });
    return ended(child);
  }

  /** Acts once something happens for the nth time from now on. */
  when(line: string, act: () => void, nth = 1): void {
    this.awaited.push({ line, left: nth, act });
  }

  /** Has AWS take every call from now on, and answer none. */
  async mute(): Promise<void> {
    const silent = createServer((connection) => connection.on("error", () => connection.destroy()).resume());
    await once(silent.listen(0, "127.0.0.1"), "listening");
    this.env.AWS_ENDPOINT_URL = `http://127.0.0.1:${(silent.address() as AddressInfo).port}`;
    this.ending.push(async () => {
      silent.close();
      await once(silent, "close");
    });
  }

  /** What happened to machines and their volumes, one line each. */
  steps(): string[] {
    return this.happened.filter((line) => /^(?!ask).* (Instance|VolumeAttachment) /.test(line));
  }

  /** The same with `guard` wherever AWS was asked how the members are. */
  guardedSteps(): string[] {
    const lines = this.happened.map((line) => (line === "ask GetParametersByPath" ? "guard" : line));
    const kept = lines.filter((line) => line === "guard" || / (Instance|VolumeAttachment) /.test(line));
    return kept.filter((line, index) => line !== "guard" || kept[index - 1] !== "guard");
  }

  /** Resources that exist, by their type's last part and name. */
  resources(): Map<string, Kept> {
    const directory = cloudDirectory(this.place);
    return new Map(keptIn(directory).map((each) => [nameOf(each), each]));
  }

  /** Ids of what exists, for members that must not be touched. */
  ids(member: string): string[] {
    return ["Instance", "VolumeAttachment", "Volume", "NetworkInterface"].map(
      (type) => this.resources().get(`${type} ${member}`)?.id ?? "none",
    );
  }

  /** Everything that Pulumi wrote down of the stack: its state, history and backups. */
  written(): string {
    const backend = join(this.place.home, "backend");
    const files = readdirSync(backend, { recursive: true, withFileTypes: true }).filter((each) =>
      each.isFile(),
    );
    return files.map((each) => readFileSync(join(each.parentPath, each.name), "utf8")).join("\n");
  }

  async end(): Promise<void> {
    for (const close of this.ending) await close();
    rmSync(this.place.home, { recursive: true });
  }

  private async open(): Promise<void> {
    const place = { ...this.place, observer: join(this.place.home, "observer") };
    mkdirSync(cloudDirectory(place), { recursive: true, mode: 0o700 });
    const observer = await observe(place.observer, (change) => this.see(change));
    this.aws.onCall = (action) => {
      this.note(`ask ${action}`);
      this.showAws();
    };
    const url = await this.aws.start();
    this.ending.push(observer.close, () => this.aws.stop());
    this.env = {
      ...process.env,
      ...engineEnvironment(place),
      AWS_ENDPOINT_URL: url,
      AWS_ACCESS_KEY_ID: "test",
      AWS_SECRET_ACCESS_KEY: "test",
    };
  }

  private see(change: Change): void {
    const line = `${change.change} ${nameOf(change)}`;
    const refusal = this.refused.get(line);
    if (refusal !== undefined) throw new Error(refusal);
    this.note(line);
  }

  private note(line: string): void {
    this.happened.push(line);
    for (const waiting of this.awaited.filter((each) => each.line === line)) {
      waiting.left -= 1;
      if (waiting.left === 0) waiting.act();
    }
  }

  /** Machines whose volume is attached, by their members. */
  private running(): Map<string, Kept> {
    const kept = keptIn(cloudDirectory(this.place));
    const attached = kept
      .filter(({ type }) => type === attachmentType)
      .map(({ inputs }) => inputs.instanceId);
    const machines = kept.filter(({ type, id }) => type === instanceType && attached.includes(id));
    return new Map(
      machines.map((machine) => [(machine.inputs.tags as Record<string, string>)["etcd:member"]!, machine]),
    );
  }

  /** Brings AWS' answers up to date. */
  private showAws(): void {
    const { aws } = this;
    const running = this.running();
    const kept = this.resources();
    aws.now = Date.now();
    const modified = aws.now;
    const incarnation = [...kept.values()].find(({ type }) => type === "aws:kms/key:Key")!.id;
    const path = `${incarnationParameters("prod")}/${incarnation}`;
    const put = (name: string, value: object | string) =>
      aws.parameters.set(name, {
        value: typeof value === "string" ? value : JSON.stringify(value),
        modified,
      });
    for (const map of [aws.parameters, aws.objects, aws.targetGroups]) map.clear();
    aws.instances.length = 0;

    put(desiredParameter("prod"), String(kept.get("Parameter desired")!.inputs.value));
    for (const founder of founders) put(`${path}/generations/1/started/${founder}`, "");
    const health: Record<string, string> = {};
    for (const [member, { id, inputs, since }] of running) {
      const { privateIps } = kept.get(`NetworkInterface ${member}`)!.inputs as { privateIps: string[] };
      const tags = inputs.tags as Record<string, string>;
      const [address] = privateIps as [string];
      aws.instances.push({ id, state: "running", address, launched: Date.parse(since), tags });
      health[address] = this.ill.has(member) ? "unhealthy" : "healthy";
      const status = this.status(member, id, tags, running.size);
      if (!this.silent.has(member)) put(`${path}/status/${member}`, status);
    }
    aws.targetGroups.set("prod-etcd", health);
    if (this.backedUp) this.showBackup(kept.get("Bucket prod")!.id, incarnation);
  }

  private status(
    member: string,
    instance: string,
    tags: Record<string, string>,
    voters: number,
  ): StatusRecord {
    const ready = !this.ill.has(member);
    return {
      version: 1,
      ...{ instance, member, id: `abc${member.slice(-1)}`, voter: true, voters, ready },
      etcd: ready ? "active" : "failed",
      etcdVersion: tags["etcd:version"]!,
      logOf35: false,
      databaseSize: 20,
      oldData: [],
      generation: 1,
      message: "",
      time: new Date(this.aws.now).toISOString().replace(/\.\d+/, ""),
    };
  }

  private showBackup(bucket: string, incarnation: string): void {
    const time = this.began.toISOString().replace(/\.\d+/, "");
    const stamp = time.replace(/[-:]/g, "");
    const snapshot = `snapshots/${stamp}.db`;
    const manifest: BackupManifest = {
      ...{
        version: 1,
        snapshot,
        sha256: "0".repeat(64),
        size: 4,
        cluster: "prod",
        incarnation,
        generation: 1,
      },
      ...{ etcdVersion: "3.6.16", hash: 1, revision: 1, totalKeys: 1, totalSize: 4, seconds: 1 },
      ...{ member: "member1", time },
    };
    const modified = this.began.getTime();
    const put = (key: string, body: string) => this.aws.objects.set(`${bucket}/${key}`, { body, modified });
    put(`manifests/${stamp}.json`, JSON.stringify(manifest));
    put(snapshot, "data");
  }
}

type Command = "preview" | "up" | "destroy";

/** The part of Pulumi's output that tells what went wrong. */
function diagnostics(stdout: string): string {
  return stdout.slice(Math.max(0, stdout.search(/^(Policies|Diagnostics):/m)));
}

/** As `Instance member1`; a resource of no member keeps its name. */
function nameOf({ type, urn }: { type: string; urn: string }): string {
  const name = urn.split("::").at(-1)!;
  return `${type.split(":").at(-1)} ${name.replace(/^prod-/, "")}`;
}
