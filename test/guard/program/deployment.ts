import { quorumGuardName } from "../../../components";
import type { StatusRecord } from "../../../contract/records";
import { record } from "../../../record";
import type { CallHook } from "../../../record/hooks";
import { loadStack } from "../../../record/project";
import { ofType, type RecordedResource, type Recording } from "../../../record/recording";
import { reveal, type Properties } from "../../../record/values";
import { AwsStandIn } from "../../fixtures/awsStandIn";
import { declaration, root } from "../../fixtures/declarations";
import { healthyStatus } from "../../fixtures/statuses";

export const instanceType = "aws:ec2/instance:Instance";
export const attachmentType = "aws:ec2/volumeAttachment:VolumeAttachment";
export const minute = 60_000;

/** The names of the production stack's members. */
export const members = declaration("prod").members.map(({ name }) => name);

/** A run of the program, kept where the engine deletes; the test is the engine. */
export interface Run {
  /** A step on what is deployed: "allowed", or the error that its before-hook answers. */
  step: (type: string, member: string, newInputs?: Properties) => Promise<string>;
  end: () => Promise<Recording>;
}

/**
 * The production stack, deployed, and AWS as the guard sees it; AWS is a stand-in. The program runs as it is,
 * and its hook is called as the engine calls it: over gRPC, with the inputs of what is deployed.
 */
export class Deployment {
  readonly aws = new AwsStandIn();
  recording!: Recording;
  private readonly environment = { ...process.env };
  private tests = 0;

  async start(): Promise<void> {
    const credentials = { AWS_ACCESS_KEY_ID: "test", AWS_SECRET_ACCESS_KEY: "test" };
    Object.assign(process.env, { AWS_ENDPOINT_URL: await this.aws.start(), ...credentials });
    this.recording = await record(loadStack(root, "prod"));
  }

  async stop(): Promise<void> {
    process.env = { ...this.environment };
    await this.aws.stop();
  }

  /** AWS as it is while every member is well. */
  healthy(): void {
    const { aws, path } = this;
    aws.reset();
    const modified = aws.now - 60 * minute;
    // Machines of each test's own: what an earlier test let go does not count.
    const launched = modified + 1000 * ++this.tests;
    aws.parameters.set("/etcd/prod/desired", {
      value: this.desired,
      modified,
    });
    const states: Record<string, string> = {};
    for (const { name, address } of declaration("prod").members) {
      const { id, inputs } = this.resource(instanceType, name);
      const tags = inputs.tags as Record<string, string>;
      aws.instances.push({ id: id!, state: "running", address, launched, tags });
      states[address] = "healthy";
      aws.parameters.set(`${path}/generations/1/started/${name}`, { value: "", modified });
      this.reports(name);
    }
    aws.targetGroups.set("prod-etcd", states);
  }

  /** What a member says of itself, and how many milliseconds ago. */
  reports(member: string, changed: Partial<StatusRecord> = {}, age = 5_000): void {
    const status: StatusRecord = {
      ...healthyStatus(member, members.indexOf(member)),
      instance: this.instanceOf(member),
      voters: 5,
      message: "",
      time: new Date(this.aws.now - age).toISOString().replace(/\.\d+/, ""),
      ...changed,
    };
    const parameter = { value: JSON.stringify(status), modified: this.aws.now - age };
    this.aws.parameters.set(`${this.path}/status/${member}`, parameter);
  }

  /** Another machine in the place of a member's, which has said nothing yet. */
  replaced(member: string, id: string): void {
    const machine = this.aws.instances.find((each) => each.id === this.instanceOf(member))!;
    Object.assign(machine, { id, launched: this.aws.now - 30_000 });
  }

  /** The record that machines read, as the program declares it. */
  private get desired(): string {
    const parameters = ofType(this.recording, "aws:ssm/parameter:Parameter");
    return String(
      reveal(parameters.find(({ inputs }) => inputs.name === "/etcd/prod/desired")!.inputs.value),
    );
  }

  get incarnation(): string {
    return ofType(this.recording, "aws:kms/key:Key")[0]!.id!;
  }

  /** Below it lies what the machines say. */
  get path(): string {
    return `/etcd/prod/incarnations/${this.incarnation}`;
  }

  instanceOf(member: string): string {
    return this.resource(instanceType, member).id!;
  }

  resource(type: string, member: string): RecordedResource {
    return ofType(this.recording, type).find(({ name }) => name === `prod-${member}`)!;
  }

  /**
   * Starts the program with changed settings, by key. It waits for nobody unless told to.
   * @param preview as the engine runs it in a preview
   */
  run(settings: Record<string, unknown> = {}, preview = false): Run {
    const program = loadStack(root, "prod");
    for (const [key, value] of Object.entries({ quorumGuard: { wait: 0 }, ...settings }))
      program.config[`etcd:${key}`] = typeof value === "string" ? value : JSON.stringify(value);
    let end = () => {};
    let recording: Promise<Recording>;
    const hook = new Promise<CallHook>((resolve, reject) => {
      const atEnd = (_: Recording, callHook: CallHook) =>
        new Promise<void>((done) => {
          end = done;
          resolve(callHook);
        });
      recording = record(program, { preview, atEnd });
      recording.catch(reject);
    });
    return {
      step: async (type, member, newInputs) => this.step(await hook, type, member, newInputs),
      end: async () => {
        await hook;
        end();
        return recording;
      },
    };
  }

  /** The same for one test. */
  async during(
    settings: Record<string, unknown>,
    test: (step: Run["step"]) => Promise<void>,
    preview = false,
  ): Promise<Recording> {
    const { step, end } = this.run(settings, preview);
    let recording: Recording;
    try {
      await test(step);
    } finally {
      recording = await end();
    }
    return recording;
  }

  private async step(
    callHook: CallHook,
    type: string,
    member: string,
    newInputs?: Properties,
  ): Promise<string> {
    const { urn, id, name, inputs, options } = this.resource(type, member);
    // The state holds names of hooks alone.
    const hooks = options.hooks?.[newInputs ? "beforeUpdate" : "beforeDelete"] ?? [];
    expect(hooks).toEqual([quorumGuardName]);
    const { error } = await callHook(hooks[0]!, { urn, id: id!, name, type, oldInputs: inputs, newInputs });
    return error ?? "allowed";
  }
}

/** What a deployment told its reader, without what is for debugging. */
export function said({ logs }: Recording): string {
  return logs
    .filter(({ severity, message }) => severity !== "debug" && message.startsWith("Quorum guard"))
    .map(({ message }) => message)
    .join("\n");
}
