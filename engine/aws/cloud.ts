import { randomBytes } from "node:crypto";
import { mkdirSync } from "node:fs";
import { awsAnswer } from "../../record/awsAnswers";
import type { Properties } from "../../record/values";
import { tell, type Change } from "../observer";
import { forget, keep, keptIn, key, type Kept } from "./kept";
import { refusal } from "./refusals";
import { attachment as attachmentType, differences, instance as instanceType, rulesOf } from "./types";

/** Arguments whose change requires an instance to stop. */
const stoppedFor = ["instanceType", "ebsOptimized", "userData", "userDataBase64"];

/**
 * Keeps resources in a directory, one file each, from one deployment to the next. Refuses what AWS refuses, and tells
 * an observer about every change before it happens. Files hold the secrets of a test's cluster, so nobody else may
 * read them.
 */
export class Cloud {
  private readonly kept = new Map<string, Kept>();

  /** @param observer path of a socket, see `observe` */
  constructor(
    private readonly directory: string,
    private readonly region: string,
    private readonly observer?: string,
  ) {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    for (const resource of keptIn(directory)) this.kept.set(key(resource.type, resource.id), resource);
  }

  /** Outputs of a resource; undefined if it does not exist. */
  read(type: string, id: string): Kept | undefined {
    return this.kept.get(key(type, id));
  }

  /** @throws Error in AWS' words if AWS would refuse it, or if the observer does */
  async create(type: string, urn: string, inputs: Properties): Promise<Kept> {
    const name = `${urn.split("::").at(-1)}-${randomBytes(3).toString("hex")}`;
    const { id, outputs } = awsAnswer(type, name, this.region, inputs);
    const resource = { type, urn, id, inputs, outputs: outputs as Properties, since: now() };
    this.refuse("create", resource);
    await this.tell("create", resource);
    this.keep(resource);
    return resource;
  }

  /** @throws Error in AWS' words if AWS would refuse it, or if the observer does */
  async update(type: string, id: string, inputs: Properties): Promise<Kept> {
    const old = this.existing(type, id);
    const changed = { ...old, inputs, outputs: { ...old.outputs, ...inputs } };
    this.refuse("update", changed);
    const stops =
      type === instanceType &&
      [...differences(type, old.inputs, inputs).keys()].some((name) => stoppedFor.includes(name));
    if (stops) await this.tell("stop", old);
    await this.tell("update", changed);
    const kept = stops ? { ...changed, since: now() } : changed;
    this.keep(kept);
    if (stops) await this.tell("start", kept);
    return kept;
  }

  /**
   * @param inputs as they were deployed: the engine still knows those of a resource that is gone here
   * @throws Error in AWS' words if AWS would refuse it, or if the observer does
   */
  async delete(type: string, id: string, inputs: Properties): Promise<void> {
    if (type === attachmentType) {
      // Only the state changes then: the volume goes with its machine.
      if (inputs.skipDestroy === true) return;
      if (inputs.stopInstanceBeforeDetaching === true) await this.stop(String(inputs.instanceId));
    }
    const resource = this.read(type, id);
    // As with AWS' own provider, a resource that is already gone counts as deleted.
    if (resource === undefined) return;
    this.refuse("delete", resource);
    await this.tell("delete", resource);
    this.forget(resource);
    if (type !== instanceType) return;
    for (const kept of this.kept.values())
      if (kept.type === attachmentType && kept.inputs.instanceId === id) this.forget(kept);
  }

  /** The provider stops a machine whether it exists or not, and AWS does not stop a terminated one. */
  private async stop(id: string): Promise<void> {
    const machine = this.read(instanceType, id);
    if (machine === undefined) throw new Error(`stopping EC2 Instance (${id}): IncorrectInstanceState`);
    await this.tell("stop", machine);
  }

  private existing(type: string, id: string): Kept {
    const resource = this.read(type, id);
    if (resource === undefined) throw new Error(`${type}: ${id} does not exist`);
    return resource;
  }

  private refuse(change: "create" | "update" | "delete", resource: Kept): void {
    const refused = refusal(change, resource, rulesOf(resource.type), [...this.kept.values()]);
    if (refused !== undefined) throw new Error(refused);
  }

  private async tell(change: Change["change"], { type, urn, id, inputs }: Kept): Promise<void> {
    await tell(this.observer, { change, type, urn, id, inputs });
  }

  private keep(resource: Kept): void {
    const { type, id } = resource;
    this.kept.set(key(type, id), resource);
    keep(this.directory, resource);
  }

  private forget(resource: Kept): void {
    this.kept.delete(key(resource.type, resource.id));
    forget(this.directory, resource);
  }
}

function now(): string {
  return new Date().toISOString();
}
