import { randomBytes } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { awsAnswer } from "../../recorder/awsAnswers";
import type { Properties } from "../../recorder/values";
import { tell, type Change } from "../observer";
import { refusal } from "./refusals";
import { differences, rulesOf } from "./types";

/** A resource as the stand-in for AWS keeps it. */
export interface Kept {
  type: string;
  urn: string;
  id: string;
  inputs: Properties;
  outputs: Properties;
  /** When it was made, or an instance was started last: ISO 8601. */
  since: string;
}

/** What an instance must be stopped for. */
const stoppedFor = ["instanceType", "ebsOptimized", "userData", "userDataBase64"];

/**
 * Keeps resources in a directory, one file each, from one deployment to the next. Refuses what AWS refuses,
 * and tells an observer of every change before it happens. Files hold the secrets of a test's cluster, so
 * nobody else may read them.
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

  /** @throws Error as AWS would refuse it, or the observer does */
  async create(type: string, urn: string, inputs: Properties): Promise<Kept> {
    const name = `${urn.split("::").at(-1)}-${randomBytes(3).toString("hex")}`;
    const { id, outputs } = awsAnswer(type, name, this.region, inputs);
    const resource = { type, urn, id, inputs, outputs: outputs as Properties, since: now() };
    this.refuse("create", resource);
    await this.tell("create", resource);
    this.keep(resource);
    return resource;
  }

  /** @throws Error as AWS would refuse it, or the observer does */
  async update(type: string, id: string, inputs: Properties): Promise<Kept> {
    const old = this.existing(type, id);
    const changed = { ...old, inputs, outputs: { ...old.outputs, ...inputs } };
    this.refuse("update", changed);
    const stops =
      type === "aws:ec2/instance:Instance" &&
      [...differences(type, old.inputs, inputs).keys()].some((name) => stoppedFor.includes(name));
    if (stops) await this.tell("stop", old);
    await this.tell("update", changed);
    const kept = stops ? { ...changed, since: now() } : changed;
    this.keep(kept);
    if (stops) await this.tell("start", kept);
    return kept;
  }

  /** @throws Error as AWS would refuse it, or the observer does */
  async delete(type: string, id: string): Promise<void> {
    const resource = this.kept.get(key(type, id));
    // As for AWS' own provider: what is gone already is deleted.
    if (resource === undefined) return;
    this.refuse("delete", resource);
    const { instanceId, stopInstanceBeforeDetaching } = resource.inputs;
    const stopped =
      stopInstanceBeforeDetaching === true && this.read("aws:ec2/instance:Instance", String(instanceId));
    if (stopped) await this.tell("stop", stopped);
    await this.tell("delete", resource);
    this.kept.delete(key(type, id));
    rmSync(file(this.directory, type, id));
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
    writeFileSync(file(this.directory, type, id), JSON.stringify(resource), { mode: 0o600 });
  }
}

/** What lies in a stand-in's directory. */
export function keptIn(directory: string): Kept[] {
  return readdirSync(directory).map(
    (name) => JSON.parse(readFileSync(join(directory, name), "utf8")) as Kept,
  );
}

function now(): string {
  return new Date().toISOString();
}

function key(type: string, id: string): string {
  return `${type} ${id}`;
}

function file(directory: string, type: string, id: string): string {
  return join(directory, `${encodeURIComponent(key(type, id))}.json`);
}
