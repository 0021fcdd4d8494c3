import { spawn, type ChildProcess } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { until } from "../../rehearse/until";
import { hosts } from "./addresses";
import { run } from "../../tools/run";
import { blockLimits } from "./space";
import type { Volume } from "./volume";

/** Where this drill's control groups are, and where a machine finds its data volume. */
const cgroups = "/sys/fs/cgroup";
const dataMount = "/var/lib/etcd";

export interface MachineSetup {
  /** Name of the host in the network, whose namespace the machine joins. */
  name: string;
  /** Root directory of the image, shared and read-only. */
  image: string;
  /** Where the machine's writes are kept; it is gone with the machine. */
  directory: string;
  /** Control group that contains the machines of this drill. */
  cgroup: string;
  /** Members have one. */
  volume?: Volume;
  /** Files on its root disk besides the image, by path, readable by root alone. */
  files?: Readonly<Record<string, string | Buffer>>;
  /** Where commands on it start. */
  home?: string;
  /** Additional options of systemd-nspawn. */
  options?: readonly string[];
}

/** One whole machine: systemd as its first process, on a copy of the image that lasts as long as the machine. */
export class Machine {
  private process?: ChildProcess;
  private first?: number;
  private readonly root: string;

  constructor(private readonly setup: MachineSetup) {
    this.root = join(setup.directory, "root");
  }

  get name(): string {
    return this.setup.name;
  }

  /** Makes its root disk from the image and boots it. */
  async create(): Promise<void> {
    const { directory, image, name } = this.setup;
    const [upper, work] = [join(directory, "upper"), join(directory, "work")];
    for (const each of [upper, work, this.root]) mkdirSync(each, { recursive: true });
    const options = `lowerdir=${image},upperdir=${upper},workdir=${work}`;
    await run("mount", ["-t", "overlay", "overlay", "-o", options, this.root]);
    const write = (path: string, content: string | Buffer, mode?: number) => {
      mkdirSync(join(this.root, path, ".."), { recursive: true });
      writeFileSync(join(this.root, path), content, { mode });
    };
    for (const [path, content] of Object.entries(this.setup.files ?? {})) write(path, content, 0o700);
    write("etc/resolv.conf", `nameserver ${hosts.services}\noptions timeout:1 attempts:2\n`);
    write("etc/hostname", `${name}\n`);
    // Point it at AWS' APIs here: the machine's programs themselves stay unchanged.
    write(
      "etc/systemd/system.conf.d/aws.conf",
      `[Manager]\nDefaultEnvironment=AWS_ENDPOINT_URL=http://${hosts.services}\n`,
    );
    await this.boot();
  }

  /** Boots it from its existing root disk. */
  async boot(): Promise<void> {
    const { name, cgroup, volume, options = [] } = this.setup;
    const groups = [join(cgroups, cgroup, name), ...(volume ? limited(cgroup, name, volume) : [])];
    mkdirSync(groups[0]!, { recursive: true });
    const nspawn = [
      ...["systemd-nspawn", "--quiet", "--register=no", "--keep-unit", "--boot", `--directory=${this.root}`],
      ...[`--machine=${name}`, `--network-namespace-path=/run/netns/${name}`, "--resolv-conf=off"],
      ...["--timezone=off", "--link-journal=no", "--console=pipe", ...options],
      ...(volume ? [`--bind=${volume.device}:${deviceOf(volume)}`] : []),
    ];
    const enter = groups.map((group) => `echo 0 >${group}/cgroup.procs && `).join("");
    const child = spawn("sh", ["-c", `${enter}exec "$@"`, "sh", ...nspawn], {
      stdio: "ignore",
    });
    this.process = child;
    this.first = await until(`${name} to boot`, async () => {
      if (child.exitCode !== null) throw new Error(`${name}: systemd-nspawn ended with ${child.exitCode}`);
      return Promise.resolve(firstProcess(child.pid!));
    });
  }

  get isUp(): boolean {
    return this.process !== undefined && this.process.exitCode === null && this.process.signalCode === null;
  }

  /** Runs a program on the machine, as root there, and returns what it prints. */
  async exec(...command: string[]): Promise<string> {
    const [program, ...options] = this.enter;
    return run(program!, [...options, ...command]);
  }

  /** The path of a file of the running machine, as seen from outside. */
  path(file: string): string {
    if (!this.isUp) throw new Error(`${this.name} is down`);
    return `/proc/${this.first}/root${file}`;
  }

  /** What systemd's journal on the machine contains about these units. */
  async journal(...units: string[]): Promise<string> {
    return this.exec("journalctl", "--no-pager", "--output=cat", ...units.flatMap((unit) => ["-u", unit]));
  }

  /** As when EC2 stops an instance: the system shuts down in order. */
  async shutDown(): Promise<void> {
    await this.exec("systemctl", "poweroff").catch(() => undefined);
    await this.ended();
  }

  /** As when its host fails: nothing on it runs again. What was written to the volume is there. */
  async kill(): Promise<void> {
    process.kill(this.first!, "SIGKILL");
    await this.ended();
  }

  /** As when the power fails: what was not synced to the volume is lost too. */
  async cutPower(): Promise<void> {
    await this.exec("xfs_io", "-x", "-c", "shutdown", dataMount);
    await this.kill();
  }

  /** Its root disk is gone; the machine must be down. */
  async discard(): Promise<void> {
    await run("umount", [this.root]);
    rmSync(this.setup.directory, { recursive: true });
  }

  /** The command prefix that runs a command on the machine. */
  get enter(): string[] {
    if (!this.isUp) throw new Error(`${this.name} is down`);
    const { home = "/" } = this.setup;
    return ["nsenter", "-t", String(this.first), "-m", "-u", "-i", "-n", "-p", `--wdns=${home}`, "--"];
  }

  private async ended(): Promise<void> {
    await until(`${this.name} to end`, () => Promise.resolve(!this.isUp));
  }
}

/** Where a Nitro machine finds a volume. */
function deviceOf({ id }: Volume): string {
  return `/dev/disk/by-id/nvme-Amazon_Elastic_Block_Store_${id.replace("-", "")}`;
}

/** The control group that slows down a slow volume; empty for any other volume. */
function limited(cgroup: string, name: string, { device, writesPerSecond }: Volume): string[] {
  if (writesPerSecond === undefined) return [];
  const group = join(blockLimits, `${cgroup}-${name}`);
  mkdirSync(group);
  const { rdev } = statSync(device);
  const number = `${(rdev >> 8) & 0xfff}:${(rdev & 0xff) | ((rdev >> 12) & 0xfff00)}`;
  writeFileSync(join(group, "blkio.throttle.write_iops_device"), `${number} ${writesPerSecond}`);
  return [group];
}

/** The first process of a machine: the one child of its systemd-nspawn that has made namespaces of its own. */
function firstProcess(nspawn: number): number | undefined {
  const children = readFileSync(`/proc/${nspawn}/task/${nspawn}/children`, "utf8").trim();
  const pid = Number(children.split(" ")[0]);
  if (!pid) return undefined;
  try {
    return readFileSync(`/proc/${pid}/comm`, "utf8").trim() === "systemd" ? pid : undefined;
  } catch {
    return undefined;
  }
}
