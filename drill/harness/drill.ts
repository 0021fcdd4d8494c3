import type { Issued } from "../../record/issuer";
import type { StackProgram } from "../../record/project";
import type { Recording } from "../../record/recording";
import type { Fault } from "../faults/fault";
import type { World } from "../world/world";
import { ApiServer } from "./apiServer";
import { Backups } from "./backups";
import { Cluster } from "./cluster";
import type { OperatorTool } from "./engineDeployment";
import type { DrillEvent, Seen } from "./events";
import { Guard } from "./guard";
import { putIdentity } from "./identity";
import { Operator } from "./operator";
import type { Orders } from "./orders";
import { Stack } from "./stack";
import { OutsideWriter } from "./writer";

/** The stack as declared when drills begin. */
export interface Declaration {
  program: StackProgram;
  recording: Recording;
  issued: Map<string, Issued>;
}

/** What scenarios are written with: the world, everybody who acts on its cluster, and what is seen of it. */
export class Drill {
  readonly stack: Stack;
  readonly cluster: Cluster;
  readonly writer: OutsideWriter;
  readonly operator: Operator;
  readonly guard: Guard;
  readonly apiServer: ApiServer;
  readonly backups: Backups;

  constructor(
    readonly world: World,
    { program, recording, issued }: Declaration,
    tools: Pick<Orders, "binaries" | "checksums" | "kubeApiserver" | "controlPlane" | OperatorTool>,
    private readonly tell: (event: DrillEvent) => void,
  ) {
    this.stack = new Stack(world, program, recording, issued, tools.checksums);
    this.cluster = new Cluster(world, this.stack, tools.binaries);
    this.writer = new OutsideWriter(world, this.stack);
    this.operator = new Operator(world, this.stack, tools, (what) => this.doing(what));
    this.guard = new Guard(world, this.stack);
    this.apiServer = new ApiServer(world, tools.kubeApiserver);
    this.backups = new Backups(world, this.cluster);
    putIdentity(world.estate);
  }

  /** Names of the declared members, in the order of the stack file. */
  get members(): string[] {
    return this.stack.members;
  }

  /** Announces the next step. */
  doing(what: string): void {
    this.tell({ event: "doing", what });
  }

  /** Reports what came of it. */
  seen(seen: Seen): void {
    this.tell({ event: "seen", seen });
  }

  /** Boots every declared machine and waits for a healthy cluster, unless the previous drill left one. */
  async foundCluster(what = "five machines boot and found the cluster"): Promise<void> {
    if (this.members.every((member) => member in this.world.instanceIds)) return;
    this.doing(what);
    const start = performance.now();
    await Promise.all(this.members.map((member) => this.world.boot(member)));
    await this.cluster.healthy();
    this.seen({ what, timeToHealth: performance.now() - start });
    // A cluster is also healthy on its root disks, until they are replaced.
    for (const member of this.members)
      await this.world.machine(member).exec("mountpoint", "--quiet", "/var/lib/etcd");
  }

  /** Replaces every machine, one after the other, in the declared order, each once the last one is healthy. */
  async roll({ before }: { before?: (member: string) => Promise<void> } = {}): Promise<void> {
    for (const member of this.members) {
      this.doing(`${member}'s machine is replaced`);
      await before?.(member);
      await this.world.replace(member, "shutDown");
      await this.cluster.healthy();
    }
  }

  /**
   * Does something to a healthy cluster under a writer, waits until it is healthy again, and reports what the writer
   * saw of it. Fails if an acknowledged write is lost.
   */
  async under(
    what: string,
    act: () => Promise<void>,
    { through = "etcd" }: { through?: "etcd" | "api" } = {},
  ): Promise<Seen> {
    await this.writer.start(through);
    this.doing(what);
    const start = performance.now();
    await act();
    await this.cluster.healthy();
    const timeToHealth = performance.now() - start;
    const seen = { what, timeToHealth, ...(await this.writer.stop()) };
    this.seen(seen);
    return seen;
  }

  /** Injects a fault, does something in the meantime, and heals it. */
  async during(fault: Fault, meanwhile: () => Promise<void> = () => Promise.resolve()): Promise<void> {
    await this.inject(fault);
    await meanwhile();
    await fault.heal(this.world);
  }

  /** Injects a fault that lasts. */
  async inject(fault: Fault): Promise<void> {
    this.doing(fault.name);
    await fault.inject(this.world);
  }

  /** Restores the world to the first declaration, with a healthy cluster: the next drill starts there. */
  async putBack(): Promise<void> {
    await this.stack.putBack();
    await this.world.applyFirewall();
    await this.cluster.healthy();
  }
}
