import type { ClusterDeclaration } from "../../spec";
import { architecture } from "../../tools/tool";
import { record } from "../../record";
import type { Issued } from "../../record/issuer";
import { withSettings, type StackProgram } from "../../record/project";
import type { Recording } from "../../record/recording";
import { estateOf } from "../world/estate";
import type { World } from "../world/world";
import { putIdentity } from "./identity";

/** A member as the stack file lists it. */
export type MemberSetting = ClusterDeclaration["members"][number];

/** The stack that the drill is about: what its file says now, and what that declares. */
export class Stack {
  private readonly atFirst: StackProgram;

  constructor(
    private readonly world: World,
    private current: StackProgram,
    private made: Recording,
    private readonly issued: Map<string, Issued>,
    /** SHA-256 of each version that machines can download. */
    private readonly checksums: Readonly<Record<string, string>>,
  ) {
    this.atFirst = current;
  }

  /** The program with its current settings. */
  get program(): StackProgram {
    return this.current;
  }

  /** What the program declares. */
  get recording(): Recording {
    return this.made;
  }

  /** The current setting `members`. */
  get declared(): MemberSetting[] {
    return this.setting<MemberSetting[]>("members");
  }

  /** Names of the declared members, in the order of the stack file. */
  get members(): string[] {
    return this.declared.map(({ name }) => name);
  }

  /** The current value of a setting. */
  setting<T>(name: string): T {
    return JSON.parse(this.current.config[`${this.current.project}:${name}`]!) as T;
  }

  /** Changes settings as an edit of the file and `pulumi up` would, except machines: those are booted by name. */
  async declare(settings: Record<string, unknown>): Promise<void> {
    await this.edit(settings);
    await this.world.declare(estateOf(this.made));
  }

  /** Declares another version of etcd: machines get its user data when they are replaced. */
  async declareVersion(version: string): Promise<void> {
    await this.declare(this.versionSettings(version));
  }

  /** Settings that declare a version of etcd. */
  versionSettings(version: string): Record<string, unknown> {
    return { version, checksums: { [architecture()!]: this.checksums[version] } };
  }

  /** Changes settings only in the file: the world does not hear of it. */
  async edit(settings: Record<string, unknown>): Promise<void> {
    this.current = withSettings(this.current, settings);
    this.made = await this.recordWith({});
  }

  /**
   * Records the program with some of its settings changed. Certificates issued earlier stay the same.
   * @param options as the recorder takes them
   */
  recordWith(
    settings: Record<string, unknown>,
    options: Omit<NonNullable<Parameters<typeof record>[1]>, "issuer"> = {},
  ): Promise<Recording> {
    return record(withSettings(this.current, settings), { ...options, issuer: { kept: this.issued } });
  }

  /** Issues members' and clients' certificates again, like a run after their renewal is due. */
  async renewCertificates(): Promise<void> {
    for (const identity of this.issued.keys())
      if (identity.includes("locallySignedCert:")) this.issued.delete(identity);
    await this.declare({});
    putIdentity(this.world.estate);
  }

  /** Declares what was declared at first. */
  async putBack(): Promise<void> {
    if (this.current === this.atFirst) return;
    this.current = this.atFirst;
    await this.declare({});
    this.current = this.atFirst;
  }
}
