import { mkdirSync, writeFileSync } from "node:fs";
import { basename, delimiter, join } from "node:path";
import type { ClusterDeclaration } from "../../spec";
import { forget, keptIn, type Kept } from "../../engine/aws/kept";
import { attachment as attachmentType, instance as instanceType } from "../../engine/aws/types";
import { observe, type Change } from "../../engine/observer";
import { changeSettings, copyProject } from "../../engine/project";
import { cloudDirectory, engineEnvironment, type EnginePlace } from "../../engine/standIns";
import { tagNames } from "../../contract/tags";
import { estateOf } from "../world/estate";
import { kubeconfig } from "../world/kubeApiserver";
import type { Machine } from "../world/machine";
import { CommandFailed, run } from "../../tools/run";
import { worldDirectory } from "../world/space";
import type { World } from "../world/world";
import type { StackProgram } from "../../record/project";
import type { RecordedResource, Recording } from "../../record/recording";
import type { Orders } from "./orders";

/** What an operator calls from a laptop. */
export type OperatorTool = "pulumi" | "kubectl" | "aws" | "binaries";

const parameterType = "aws:ssm/parameter:Parameter";
const targetType = "aws:lb/targetGroupAttachment:TargetGroupAttachment";

/** The rooms that an operator's commands need besides Pulumi. */
const operators = ["commands", "operate", "plan", "record", "rehearse", "review"];

/**
 * The stack deployed by Pulumi's real engine into a drill's world: the stand-in for AWS keeps resources, and machines
 * boot and end as it makes and deletes instances. The engine waits for each.
 */
export class EngineDeployment {
  private recording?: Recording;

  private constructor(
    private readonly world: World,
    private readonly place: EnginePlace,
    private readonly env: NodeJS.ProcessEnv,
    private readonly tell: (what: string) => void,
  ) {}

  /** @param credentials environment variables for reaching AWS */
  static async create(
    world: World,
    { pulumi, kubectl, aws, binaries }: Pick<Orders, OperatorTool>,
    credentials: NodeJS.ProcessEnv,
    tell: (what: string) => void,
  ): Promise<EngineDeployment> {
    const home = join(worldDirectory, "engine");
    mkdirSync(home);
    const place = { home, pulumi: pulumi!, observer: join(home, "observer") };
    mkdirSync(cloudDirectory(place));
    const engine = engineEnvironment(place);
    const commands = join(home, "commands");
    mkdirSync(commands);
    writeFileSync(join(home, "kubeconfig"), kubeconfig);
    const env = {
      ...engine,
      ...credentials,
      PATH: [commands, engine.PATH].join(delimiter),
      PULUMI_SKIP_CONFIRMATIONS: "true",
      AWS_DEFAULT_REGION: world.estate.region,
      KUBECONFIG: join(home, "kubeconfig"),
    };
    const deployment = new EngineDeployment(world, place, env, tell);
    for (const program of [pulumi!.pulumi, join(binaries, "etcdutl"), ...(kubectl ? [kubectl] : [])])
      deployment.command(basename(program), program);
    if (aws) deployment.command("aws", aws, "-m", "awscli");
    copyProject(deployment.project, [...operators, "tools", ".gitignore"]);
    await observe(place.observer, (change) => deployment.see(change));
    await deployment.run(
      "git init --quiet && echo /node_modules >>.git/info/exclude && pulumi stack init prod",
    );
    return deployment;
  }

  /** Edits the stack file to declare what this program does; the last commit keeps the previous content. */
  async edit(program: StackProgram, recording: Recording): Promise<void> {
    this.recording = recording;
    await this.run(
      'git add . && git -c user.name=drill -c user.email=drill@localhost commit --quiet --allow-empty --message "as it was"',
    );
    changeSettings(this.project, (settings) => Object.assign(settings, settingsOf(program)));
  }

  /**
   * Runs commands as an operator does, in the project's directory.
   * @param machine on which `sudo` runs its command
   * @returns what they print
   * @throws Error with what they print if one fails
   */
  async run(commands: string, machine?: Machine): Promise<string> {
    try {
      if (machine) this.command("sudo", ...machine.enter);
      const options = { cwd: this.project, env: this.env };
      const printed = await run("bash", ["-euo", "pipefail", "-c", commands], options);
      const resources = keptIn(cloudDirectory(this.place));
      if (resources.length > 0) await this.declare(resources);
      return printed;
    } catch (error) {
      if (!(error instanceof CommandFailed)) throw error;
      throw new Error(`${commands}\n${error.printed}\n${error.said}`, { cause: error });
    }
  }

  /** A member's machine is suddenly gone, perhaps with its volume: AWS no longer knows it. */
  async lose(member: string, withVolume: boolean): Promise<void> {
    await this.world.end(member, "kill");
    if (withVolume) this.world.destroyVolume(member);
    const directory = cloudDirectory(this.place);
    const resources = keptIn(directory);
    const instance = resources.find((each) => each.type === instanceType && memberOf(each) === member)!;
    const attachment = resources.find(
      ({ type, inputs }) => type === attachmentType && inputs.instanceId === instance.id,
    )!;
    const volume = resources.filter(({ id }) => withVolume && id === attachment.inputs.volumeId);
    for (const each of [instance, attachment, ...volume]) forget(directory, each);
  }

  /** The operator's directory. */
  get project(): string {
    return join(this.place.home, "project");
  }

  /** Puts a command on the operator's PATH. */
  private command(name: string, ...words: string[]): void {
    const file = join(this.place.home, "commands", name);
    writeFileSync(file, `#!/bin/sh\nexec ${words.join(" ")} "$@"\n`, { mode: 0o755 });
  }

  private async see({ change, type, urn, id, inputs }: Change): Promise<void> {
    const resources = keptIn(cloudDirectory(this.place));
    const others = resources.filter((each) => each.type !== type || each.id !== id);
    // Not kept yet, but about to be.
    const changed = { type, urn, id, inputs, outputs: inputs, since: "" };
    if (type === attachmentType && change === "create") {
      await this.declare([...others, changed]);
      const instance = resources.find((each) => each.id === inputs.instanceId)!;
      this.tell(`Pulumi makes the machine of ${memberOf(instance)}`);
      await this.world.boot(memberOf(instance), instance.id);
    } else if (type === instanceType && change === "delete") {
      const member = memberOf({ inputs });
      this.tell(`Pulumi deletes the machine of ${member}`);
      if (member in this.world.instanceIds) await this.world.end(member, "shutDown");
    } else if (type === targetType && change === "delete") {
      await this.declare(others);
    } else if (type === parameterType && change === "update") {
      await this.declare([...others, changed]);
    } else if (type === instanceType && (change === "stop" || change === "start")) {
      const member = memberOf({ inputs });
      this.tell(`Pulumi has the machine of ${member} ${change === "stop" ? "stopped" : "started"}`);
      await (change === "stop" ? this.world.machine(member).shutDown() : this.world.machine(member).boot());
    }
  }

  private async declare(resources: readonly Kept[]): Promise<void> {
    await this.world.declare(estateOf(soFar(this.recording!, resources)));
  }
}

/** Settings as a stack file has them. */
function settingsOf({ project, config }: StackProgram): Partial<ClusterDeclaration> {
  const own = Object.entries(config).filter(([key]) => key.startsWith(`${project}:`));
  return Object.fromEntries(own.map(([key, text]) => [key.slice(project.length + 1), plain(text)]));
}

function plain(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function memberOf({ inputs }: Pick<Kept, "inputs">): string {
  return (inputs.tags as Record<string, string>)[tagNames.member]!;
}

/** What exists so far, instead of what the recorder made: a balancer once it is complete, whole machines. */
function soFar({ resources, ...recording }: Recording, kept: readonly Kept[]): Recording {
  const attached = new Set(
    kept.filter(({ type }) => type === attachmentType).map(({ inputs }) => inputs.instanceId),
  );
  const isComplete = ["aws:lb/targetGroup:TargetGroup", "aws:lb/listener:Listener"].every((type) =>
    kept.some((each) => each.type === type),
  );
  const standing = kept.filter(
    ({ type, id }) =>
      (type !== instanceType || attached.has(id)) &&
      (type !== "aws:lb/loadBalancer:LoadBalancer" || isComplete),
  );
  return {
    ...recording,
    resources: [
      ...resources.filter(({ custom }) => !custom),
      ...standing.map(({ type, urn, id, inputs, outputs }): RecordedResource => ({
        ...{ type, urn, id, inputs, outputs, name: urn.split("::").at(-1)!, custom: true },
        ...{ dependencies: [], propertyDependencies: {}, options: {} },
      })),
    ],
  };
}
