import { randomBytes } from "node:crypto";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { Account } from "./account";
import { hosts } from "./addresses";
import { BalancerStandIn } from "./balancer";
import { Dns } from "./dns";
import type { DeclaredMachine, Estate } from "./estate";
import { firewallRules } from "./firewall";
import type { TargetHealth } from "./described";
import { Gateway } from "./gateway";
import { Machine, type MachineSetup } from "./machine";
import { serveMetadata, type InstanceFacts } from "./metadata";
import { Network } from "./network";
import { machineSecret } from "./signatures";
import { Volume } from "./volume";

export interface WorldSetup {
  /** Root directory of the machines' image. */
  image: string;
  /** Directory that the mirror serves. */
  mirror: string;
  /** Where everything is kept; gone with the world. */
  directory: string;
  cgroup: string;
}

/** An existing machine, with what EC2 knows about it. */
interface Instance {
  machine: Machine;
  facts: InstanceFacts;
  launched: Date;
  tags: DeclaredMachine["tags"];
}

/**
 * What a recorded stack is on AWS, on one computer: machines on a network, volumes, parameters, objects, names,
 * firewall, balancer. It lives in namespaces of its own and ends with this process.
 */
export class World {
  /** Parameters and objects. */
  readonly account = new Account(() => this.estate);
  private readonly instances = new Map<string, Instance>();
  private readonly others: Machine[] = [];
  private apiServerFacts?: InstanceFacts;
  private readonly volumes = new Map<string, Volume>();
  /** Members that have a host in the network. */
  private readonly placed = new Set<string>();
  /** Members that are or were declared: an interface stays in its groups until its machine is gone. */
  private readonly known = new Map<string, DeclaredMachine>();
  private readonly dns: Dns;
  private readonly balancer: BalancerStandIn;
  private count = 0;

  private constructor(
    private readonly setup: WorldSetup,
    public estate: Estate,
    readonly network: Network,
    readonly gateway: Gateway,
    balancer: BalancerStandIn,
  ) {
    this.dns = new Dns(setup.directory);
    this.balancer = balancer;
  }

  /** moto must already run. */
  static async create(setup: WorldSetup, estate: Estate): Promise<World> {
    const network = await Network.create();
    for (const host of ["apiServer", "monitoring", "stranger"] as const)
      await network.addHost(host, hosts[host]);
    await network.addHost("balancer", hosts.balancer);
    const balancer = new BalancerStandIn(setup.directory);
    const gateway: Gateway = new Gateway(setup.mirror, {
      targetGroupArn: () => world.estate.balancer?.targetGroupArn,
      targetHealth: () => balancer.health(),
      instances: () =>
        [...world.instances.values()].map(({ facts, launched, tags }) => ({ ...facts, launched, tags })),
    });
    gateway.roles.set("AKIADRILL", () => "everything");
    const world: World = new World(setup, estate, network, gateway, balancer);
    await Promise.all([
      gateway.start(),
      serveMetadata((address) => world.told.find((facts) => facts.address === address)),
    ]);
    await world.change(undefined, estate);
    return world;
  }

  /** What Pulumi would do for another version of the stack, except machines: those are booted by name. */
  async declare(estate: Estate): Promise<void> {
    await this.change(this.estate, estate);
  }

  private async change(before: Estate | undefined, estate: Estate): Promise<void> {
    this.estate = estate;
    const { region, keyArn, bucket } = estate;
    this.gateway.serves = { region, keyArn, bucket };
    for (const machine of estate.machines) this.known.set(machine.member, machine);
    if (before?.bucket !== estate.bucket) await this.account.makeBucket();
    const old = new Map(before?.parameters.map(({ name, value }) => [name, value]));
    for (const { name, value, type, settled } of estate.parameters) {
      if (old.get(name) !== value && !(settled && old.has(name)))
        await this.account.putParameter(name, this.withRealVolume(name, value), type);
    }
    const gone = [...old.keys()].filter((name) => !estate.parameters.some((each) => each.name === name));
    for (const name of gone) await this.account.deleteParameter(name);
    await this.dns.serve([
      ...estate.dns,
      ...(estate.balancer ? [{ name: estate.balancer.dnsName, type: "A", values: [hosts.balancer] }] : []),
    ]);
    if (estate.balancer) await this.balancer.serve("balancer", estate.balancer);
    await this.applyFirewall();
  }

  /** Creates a member's machine as EC2 would a new instance: root disk from the image, volume attached. */
  async boot(member: string, instanceId = newInstanceId()): Promise<Machine> {
    const declared = this.declared(member);
    if (!this.placed.has(member)) {
      this.placed.add(member);
      await this.network.addHost(member, declared.address);
    }
    const volume = await this.volumeOf(declared);
    const number = this.count++;
    const machine = new Machine({
      name: member,
      image: this.setup.image,
      directory: join(this.setup.directory, `machine${number}`),
      cgroup: this.setup.cgroup,
      volume,
    });
    const accessKey = `ASIA${member.toUpperCase()}${number}`;
    this.gateway.roles.set(accessKey, () => this.declared(member).role.statements);
    const facts: InstanceFacts = {
      ...this.factsOf(instanceId, member, declared.address, accessKey),
      userData: Buffer.from(declared.userData),
      roleName: declared.role.name,
    };
    this.instances.set(member, { machine, facts, launched: new Date(), tags: declared.tags });
    await this.network.plug(member);
    await machine.create();
    return machine;
  }

  private factsOf(instanceId: string, hostname: string, address: string, AccessKeyId: string) {
    const { region } = this.estate;
    const credentials = { AccessKeyId, SecretAccessKey: machineSecret, Token: "drill" };
    return { instanceId, address, hostname, region, zone: `${region}a`, credentials };
  }

  /** What the metadata service tells, each machine its own. */
  private get told(): InstanceFacts[] {
    const members = [...this.instances.values()].map(({ facts }) => facts);
    return this.apiServerFacts ? [...members, this.apiServerFacts] : members;
  }

  /** Root directory of the machines' image. */
  get image(): string {
    return this.setup.image;
  }

  /** Boots a whole machine on the API servers' host, with their role. */
  async bootApiServerHost(setup: Pick<MachineSetup, "files" | "home" | "options">): Promise<Machine> {
    const { image, cgroup } = this.setup;
    const [name, accessKey] = ["apiServer", "ASIAAPISERVER"] as const;
    this.gateway.roles.set(accessKey, () => this.estate.apiServer.statements);
    this.apiServerFacts = {
      ...this.factsOf(newInstanceId(), name, hosts.apiServer, accessKey),
      userData: Buffer.from(""),
      roleName: "api-server",
    };
    const machine = new Machine({
      ...setup,
      ...{ name, image, cgroup, directory: join(this.setup.directory, `host-${name}`) },
    });
    this.others.push(machine);
    await machine.create();
    return machine;
  }

  /** The booted machine of a member. */
  machine(member: string): Machine {
    const instance = this.instances.get(member);
    if (instance === undefined) throw new Error(`${member} has no machine`);
    return instance.machine;
  }

  get instanceIds(): Record<string, string> {
    return Object.fromEntries([...this.instances].map(([name, { facts }]) => [name, facts.instanceId]));
  }

  /** Ends a member's machine: in order, as Pulumi terminates it, or suddenly. */
  async end(member: string, how: "shutDown" | "kill" | "cutPower"): Promise<void> {
    const { machine } = this.instances.get(member)!;
    if (machine.isUp) {
      if (how !== "shutDown") await this.network.unplug(member);
      await machine[how]();
    }
    await machine.discard();
    this.instances.delete(member);
  }

  /** Ends a member's machine and creates a new one on the same volume and address. */
  async replace(member: string, how: "shutDown" | "kill" | "cutPower"): Promise<Machine> {
    await this.end(member, how);
    return this.boot(member);
  }

  /** Switches machines off, all at once: their root disks stay. */
  async switchOff(members: readonly string[], how: "kill" | "cutPower"): Promise<void> {
    await Promise.all(members.map((member) => this.network.unplug(member)));
    await Promise.all(members.map((member) => this.machine(member)[how]()));
  }

  /** Boots machines that were switched off from their existing root disks. */
  async switchOn(members: readonly string[]): Promise<void> {
    await Promise.all(
      members.map(async (member) => {
        await this.network.plug(member);
        await this.machine(member).boot();
      }),
    );
  }

  /** A member's volume is lost, and Pulumi makes a blank one; the machine must be down. */
  async loseVolume(member: string): Promise<void> {
    const declared = this.declared(member);
    this.destroyVolume(member);
    await this.attach(member, await this.newVolume(declared.volume.sizeGiB));
  }

  /** A member's volume is lost, and the next machine gets the one declared at that time. */
  destroyVolume(member: string): void {
    this.volumes.get(member)?.lose();
    this.volumes.delete(member);
  }

  /** Attaches another volume to a member, as the stack's settings would. */
  async attach(member: string, volume: Volume): Promise<void> {
    this.volumes.set(member, volume);
    const record = this.estate.parameters.find(({ name }) => name.endsWith(`/members/${member}`))!;
    await this.account.putParameter(record.name, this.withRealVolume(record.name, record.value), record.type);
  }

  /** The volume of a member that has one. */
  volume(member: string): Volume {
    return this.volumes.get(member)!;
  }

  newVolume(sizeGiB: number, from?: Volume): Promise<Volume> {
    const id = `vol-${randomBytes(9).toString("hex").slice(0, 17)}`;
    return Volume.create(this.setup.directory, id, sizeGiB, from);
  }

  addressOf(member: string): string {
    return this.declared(member).address;
  }

  /** What the balancer thinks of its targets. */
  targetHealth(): Promise<TargetHealth[]> {
    return this.balancer.health();
  }

  /** Applies the security groups, without the rules that the filter leaves out. */
  async applyFirewall(keep: (rule: Estate["firewall"][number]) => boolean = () => true): Promise<void> {
    const groups = new Map<string, string[]>();
    const add = (group: string | undefined, address: string) =>
      group && groups.set(group, [...(groups.get(group) ?? []), address]);
    for (const { address, securityGroups } of this.known.values())
      for (const group of securityGroups) add(group, address);
    for (const group of this.estate.balancer?.securityGroups ?? []) add(group, hosts.balancer);
    add(this.estate.apiServerGroup, hosts.apiServer);
    add(this.estate.monitoringGroup, hosts.monitoring);
    await this.network.apply(firewallRules(this.estate.firewall.filter(keep), groups));
  }

  /** What is in the journals of the running machines, to find out why a drill failed. */
  async journals(): Promise<string> {
    const each = [...this.instances].map(async ([name, { machine }]) => {
      const said = machine.isUp
        ? await machine
            .journal(
              "etcd-install",
              "etcd",
              "etcd-follow",
              "etcd-watch",
              "etcd-backup",
              "etcd-refresh",
              "cloud-final",
            )
            .catch(String)
        : "is down";
      return `--- ${name}\n${said}`;
    });
    for (const machine of this.others)
      each.push(machine.exec("journalctl", "--no-pager", "--lines=200").catch(String));
    return [...(await Promise.all(each)), ...this.gateway.refused.map((call) => `refused: ${call}`)].join(
      "\n",
    );
  }

  private declared(member: string): DeclaredMachine {
    const declared = this.known.get(member);
    if (declared === undefined) throw new Error(`${member} was never declared`);
    return declared;
  }

  private async volumeOf({ member, volume }: DeclaredMachine): Promise<Volume> {
    let there = this.volumes.get(member);
    if (there === undefined) {
      mkdirSync(this.setup.directory, { recursive: true });
      there = await Volume.create(this.setup.directory, volume.id, volume.sizeGiB);
      this.volumes.set(member, there);
    }
    return there;
  }

  /** A member's record names the volume that it was declared with; after a loss, replace it with the real one. */
  private withRealVolume(name: string, value: string): string {
    const member = /\/members\/([^/]+)$/.exec(name)?.[1];
    const volume = member === undefined || name.includes("/pki/") ? undefined : this.volumes.get(member);
    return volume === undefined ? value : JSON.stringify({ ...JSON.parse(value), volume: volume.id });
  }
}

function newInstanceId(): string {
  return `i-${randomBytes(9).toString("hex").slice(0, 17)}`;
}
