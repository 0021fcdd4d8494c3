import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { ClusterDeclaration } from "../../spec";
import type { Pulumi } from "../../tools/pulumi";
import { keptIn, type Kept } from "../engine/aws/cloud";
import { observe, type Change } from "../engine/observer";
import { changeSettings, copyProject } from "../engine/project";
import { cloudDirectory, engineEnvironment, type EnginePlace } from "../engine/standIns";
import { tagNames } from "../../components/tags";
import { estateOf } from "../machines/estate";
import { CommandFailed, run } from "../machines/run";
import { worldDirectory } from "../machines/space";
import type { World } from "../machines/world";
import type { StackProgram } from "../recorder/project";
import type { RecordedResource, Recording } from "../recorder/recording";

const instanceType = "aws:ec2/instance:Instance";
const attachmentType = "aws:ec2/volumeAttachment:VolumeAttachment";

/**
 * The stack deployed by Pulumi's real engine into a drill's world: the stand-in for AWS keeps resources, and
 * machines boot and end as it makes and deletes instances. The engine waits for each.
 */
export class EngineDeployment {
  private recording?: Recording;

  private constructor(
    private readonly world: World,
    private readonly place: EnginePlace,
    private readonly env: NodeJS.ProcessEnv,
    private readonly tell: (what: string) => void,
  ) {}

  /** @param credentials environment in which AWS is asked */
  static async create(
    world: World,
    pulumi: Pulumi,
    credentials: NodeJS.ProcessEnv,
    tell: (what: string) => void,
  ): Promise<EngineDeployment> {
    const home = join(worldDirectory, "engine");
    mkdirSync(home);
    const place = { home, pulumi, observer: join(home, "observer") };
    mkdirSync(cloudDirectory(place));
    const env = { ...engineEnvironment(place), ...credentials };
    const deployment = new EngineDeployment(world, place, env, tell);
    copyProject(deployment.project);
    await observe(place.observer, (change) => deployment.see(change));
    await deployment.pulumi("stack", "init", "prod");
    return deployment;
  }

  /**
   * `pulumi up`, with its preview, of the stack as this program has it.
   * @throws Error with what Pulumi says if it fails
   */
  async up(program: StackProgram, recording: Recording): Promise<void> {
    this.recording = recording;
    changeSettings(this.project, (settings) => Object.assign(settings, settingsOf(program)));
    await this.pulumi("up", "--yes", "--stack", "prod", "--suppress-outputs");
    await this.declare(keptIn(cloudDirectory(this.place)));
  }

  private get project(): string {
    return join(this.place.home, "project");
  }

  private async pulumi(...args: string[]): Promise<void> {
    const options = { cwd: this.project, env: this.env };
    try {
      await run(this.place.pulumi.pulumi, [...args, "--non-interactive"], options);
    } catch (error) {
      if (error instanceof CommandFailed) throw new Error(error.printed, { cause: error });
      throw error;
    }
  }

  private async see({ change, type, urn, id, inputs }: Change): Promise<void> {
    const resources = keptIn(cloudDirectory(this.place));
    if (type === attachmentType && change === "create") {
      // Not kept yet: it is about to be.
      await this.declare([...resources, { type, urn, id, inputs, outputs: inputs, since: "" }]);
      const instance = resources.find((each) => each.id === inputs.instanceId)!;
      this.tell(`Pulumi makes the machine of ${memberOf(instance)}`);
      await this.world.boot(memberOf(instance), instance.id);
    } else if (type === instanceType && change === "delete") {
      const member = memberOf({ inputs });
      this.tell(`Pulumi deletes the machine of ${member}`);
      if (member in this.world.instanceIds) await this.world.end(member, "shutDown");
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

/** What exists so far, in the place of what the recorder made: a balancer once it is complete, whole machines. */
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
