import { isAuthoritiesParameter } from "../../contract/paths";
import { ofType, type Recording } from "../../record/recording";
import { until } from "../../rehearse/until";
import type { World } from "../world/world";
import { patience } from "./cluster";
import { credentials } from "./credentials";
import type { Stack } from "./stack";

/** The stack's quorum guard, called as Pulumi's engine calls it. */
export class Guard {
  constructor(
    private readonly world: World,
    private readonly stack: Stack,
  ) {}

  /** Waits until it allows a member's volume to be detached: statuses from before the last replacement do not count. */
  async allows(member: string): Promise<void> {
    let answer = "";
    await until(
      `the guard to let go of ${member}`,
      async () => (answer = await this.ask({}, member)) === "allowed",
      { within: patience, every: 1000 },
    ).catch((error: Error) => {
      throw new Error(`${error.message}; it said: ${answer}`, { cause: error });
    });
  }

  /**
   * What the guard answers before a member's volume is detached, with some settings of the stack changed. It does not
   * wait.
   * @returns "allowed", or why not
   */
  async ask(settings: Record<string, unknown>, member: string): Promise<string> {
    Object.assign(process.env, credentials);
    const [attachment] = ofType(this.stack.recording, "aws:ec2/volumeAttachment:VolumeAttachment").filter(
      ({ name }) => name.endsWith(`-${member}`),
    );
    const { urn, id, name, type, inputs, options } = attachment!;
    // The state holds only the names of hooks.
    const hook = options.hooks!.beforeDelete![0]!;
    const oldInputs = { ...inputs, instanceId: this.world.instanceIds[member] };
    let answer: string | undefined;
    await this.stack.recordWith(
      { quorumGuard: { wait: 0 }, ...settings },
      {
        atEnd: async (_, callHook) => {
          answer = (await callHook(hook, { urn, id: id!, name, type, oldInputs })).error;
        },
      },
    );
    return answer ?? "allowed";
  }

  /**
   * What the guard answers before other CAs are declared by a change of settings. It does not wait.
   * @returns "allowed", or why not
   */
  async askAuthorities(settings: Record<string, unknown>): Promise<string> {
    Object.assign(process.env, credentials);
    const recordOf = ({ resources }: Recording) =>
      resources.find(({ inputs }) => isAuthoritiesParameter(String(inputs.name)))!;
    const { urn, id, name, type, inputs: oldInputs, options } = recordOf(this.stack.recording);
    const hook = options.hooks!.beforeUpdate![0]!;
    let answer: string | undefined;
    await this.stack.recordWith(
      { quorumGuard: { wait: 0 }, ...settings },
      {
        atEnd: async (made, callHook) => {
          const { inputs: newInputs } = recordOf(made);
          answer = (await callHook(hook, { urn, id: id!, name, type, oldInputs, newInputs })).error;
        },
      },
    );
    return answer ?? "allowed";
  }
}
