import { join } from "node:path";
import { awsOf } from "../../operate/aws";
import { verificationText } from "../../operate/verify/text";
import { verify, type Verification } from "../../operate/verify/verify";
import { bootControlPlane } from "../world/controlPlane";
import type { Machine } from "../world/machine";
import type { World } from "../world/world";
import { credentials } from "./credentials";
import { EngineDeployment, type OperatorTool } from "./engineDeployment";
import { putIdentity } from "./identity";
import type { Orders } from "./orders";
import { commandsOf } from "./runBook";
import type { Stack } from "./stack";

export interface Following {
  /** Which of the run-book's command blocks to type. @default all */
  blocks?: readonly number[];
  /** The machine on which `sudo` runs its command. @default the last member's */
  machine?: Machine;
  /** Replacements for the run-book's example values. */
  filledIn?: Readonly<Record<string, string>>;
}

/** The operator at a laptop: commands, run-books, and a stack that Pulumi's real engine deploys. */
export class Operator {
  private deployment?: EngineDeployment;

  constructor(
    private readonly world: World,
    private readonly stack: Stack,
    private readonly tools: Pick<Orders, "controlPlane" | OperatorTool>,
    /** Announces the next step. */
    private readonly doing: (what: string) => void,
  ) {}

  /**
   * Changes settings in the file of a stack that Pulumi's real engine deploys; machines come and go as it decides.
   */
  async edit(settings: Record<string, unknown>): Promise<void> {
    this.deployment ??= await EngineDeployment.create(this.world, this.tools, credentials, this.doing);
    await this.stack.edit(settings);
    await this.deployment.edit(this.stack.program, this.stack.recording);
  }

  /**
   * Runs commands as an operator does, with kubectl for the API servers' host.
   * @param machine on which `sudo` runs its command
   * @throws Error with what they print if one fails
   */
  async run(commands: string, machine?: Machine): Promise<string> {
    const printed = await this.deployment!.run(commands, machine);
    putIdentity(this.world.estate);
    return printed;
  }

  /**
   * Types the commands of a run-book, in order and word for word.
   * @throws Error with what the commands print if one fails
   */
  async follow(runBook: string, following: Following = {}): Promise<void> {
    const commands = commandsOf(runBook);
    for (const block of following.blocks ?? commands.keys()) {
      let text = commands[block]!;
      for (const [example, own] of Object.entries(following.filledIn ?? {}))
        text = text.replaceAll(example, own);
      this.doing(`${runBook}: ${text.split("\n").join("; ")}`);
      const onMachine = /\bsudo /.test(text);
      const machine = () => following.machine ?? this.world.machine(this.stack.members.at(-1)!);
      await this.run(text, onMachine ? machine() : undefined);
    }
  }

  /** What `npm run verify` finds, run with credentials of the account. */
  async verify(): Promise<Verification> {
    Object.assign(process.env, credentials);
    const { program } = this.stack;
    const { signal } = new AbortController();
    return verify({ program, aws: awsOf(program), wait: 0, progress: () => undefined, signal });
  }

  /** What `npm run verify` prints. */
  async verifyText(): Promise<string> {
    return verificationText(await this.verify());
  }

  /** Boots a control plane's machine on the API servers' host; an operator's commands there start in the project. */
  async bootControlPlane(): Promise<Machine> {
    const { controlPlane, binaries } = this.tools;
    const programs = [...controlPlane!, join(binaries, "etcd"), join(binaries, "etcdctl")];
    return bootControlPlane(this.world, { programs, work: this.deployment!.project });
  }

  /** A member's machine is gone, perhaps with its volume, as Pulumi would find it. */
  async loseMachine(member: string, { withVolume = false } = {}): Promise<void> {
    await this.deployment!.lose(member, withVolume);
  }
}
