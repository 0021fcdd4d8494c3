import { join } from "node:path";
import { readRecord } from "../../contract/read";
import type { StatusRecord } from "../../contract/records";
import { statusSchema } from "../../contract/schemas";
import { CommandFailed } from "../../tools/run";
import { onHost } from "../world/network";
import type { World } from "../world/world";
import { until } from "../../rehearse/until";
import { identityDirectory } from "./identity";
import type { Stack } from "./stack";

/** One member as `etcdctl member list` shows it. */
export interface ListedMember {
  id: string;
  name: string;
  isLearner: boolean;
}

/** In milliseconds. Minutes are generous: what a drill waits for happens, or something is wrong. */
export const patience = 300_000;

/** The cluster as seen from outside its machines: by etcdctl, records, journals and the balancer. */
export class Cluster {
  constructor(
    private readonly world: World,
    private readonly stack: Stack,
    /** Directory of etcdctl. */
    private readonly binaries: string,
  ) {}

  /** Waits until exactly these members are listed, all of them voters, each healthy according to etcdctl. */
  async healthy(members: readonly string[] = this.stack.members, within = patience): Promise<void> {
    let last = "";
    try {
      await until(
        `health of ${members.join(", ")}`,
        async () => {
          last = await this.unhealthy(members);
          return last === "";
        },
        { within, every: 100 },
      );
    } catch (error) {
      throw new Error(`${(error as Error).message}: ${last}`, { cause: error });
    }
  }

  /** Why the cluster is not as it should be; empty if it is. */
  private async unhealthy(members: readonly string[]): Promise<string> {
    try {
      const listed = await this.list(members);
      const wrong = listed.filter(({ name, isLearner }) => isLearner || !members.includes(name));
      if (wrong.length > 0 || listed.length !== members.length)
        return `the list is ${listed.map(({ name, isLearner }) => `${name || "unstarted"}${isLearner ? " (learner)" : ""}`).join(", ")}`;
      await this.etcdctl(members, "endpoint", "health");
      return "";
    } catch (error) {
      if (error instanceof CommandFailed) return error.said.trim();
      throw error;
    }
  }

  /** The cluster's own list, read through these members. */
  async list(through: readonly string[] = this.stack.members): Promise<ListedMember[]> {
    const answer = await this.etcdctl(through, "member", "list", "--write-out=simple");
    return answer
      .trim()
      .split("\n")
      .map((line) => line.split(", "))
      .map(([id, , name, , , isLearner]) => ({ id: id!, name: name!, isLearner: isLearner === "true" }));
  }

  /** The leader, according to these members. */
  async leader(through: readonly string[] = this.stack.members): Promise<string> {
    const answer = await this.etcdctl(through, "endpoint", "status", "--write-out=json");
    const each = JSON.parse(answer) as {
      Endpoint: string;
      Status: { header: { member_id: number }; leader: number };
    }[];
    const leader = each.find(({ Status: { header, leader: followed } }) => header.member_id === followed);
    const found = through.find((member) => leader?.Endpoint.includes(`//${this.world.addressOf(member)}:`));
    if (found === undefined) throw new Error(`no leader: ${answer}`);
    return found;
  }

  /** A member that does not lead. */
  async follower(): Promise<string> {
    const leader = await this.leader();
    return this.stack.members.find((member) => member !== leader)!;
  }

  /** etcdctl with the API server's certificate, on the API server's host. */
  etcdctl(through: readonly string[], ...args: string[]): Promise<string> {
    const file = (name: string) => join(identityDirectory, name);
    const identity = { ca: file("ca.crt"), cert: file("client.crt"), key: file("client.key") };
    return this.etcdctlAs(identity, through, ...args);
  }

  /** The same with another client's files. */
  etcdctlAs(
    { ca, cert, key }: Record<"ca" | "cert" | "key", string>,
    through: readonly string[],
    ...args: string[]
  ): Promise<string> {
    const endpoints = through.map((member) => `https://${this.world.addressOf(member)}:2379`).join(",");
    return onHost(
      "apiServer",
      join(this.binaries, "etcdctl"),
      `--endpoints=${endpoints}`,
      ...[`--cacert=${ca}`, `--cert=${cert}`, `--key=${key}`],
      "--dial-timeout=2s",
      "--command-timeout=4s",
      ...args,
    );
  }

  /** A member's status record, once it meets the condition. */
  async status(member: string, is: (status: StatusRecord) => boolean): Promise<StatusRecord> {
    let last: string | undefined;
    const incarnation = await this.incarnation();
    return until(
      `the status record of ${member}`,
      async () => {
        last = await this.world.account.parameter(
          this.parameter(`incarnations/${incarnation}/status/${member}`),
        );
        const status = last === undefined ? undefined : readRecord(statusSchema, member, last).value;
        return status && is(status) ? status : undefined;
      },
      { within: patience, every: 250 },
    ).catch((error: Error) => {
      throw new Error(`${error.message}; it is ${last}`);
    });
  }

  /** Waits until a machine says this in its journal. */
  async says(member: string, text: string, ...units: string[]): Promise<void> {
    await until(
      `${member} to say "${text}"`,
      async () => (await this.world.machine(member).journal(...units)).includes(text),
      { within: patience, every: 250 },
    );
  }

  /** Waits until the balancer reports this state for a member. */
  async balancerSays(member: string, state: "healthy" | "unhealthy"): Promise<void> {
    const address = this.world.addressOf(member);
    await until(
      `the balancer to find ${member} ${state}`,
      async () =>
        (await this.world.targetHealth()).some(
          (target) => target.address === address && target.state === state,
        ),
      { within: patience, every: 250 },
    );
  }

  /** The full name of a parameter of the cluster. */
  parameter(name: string): string {
    return `/etcd/${this.world.estate.cluster}/${name}`;
  }

  /** The cluster's incarnation, as declared. */
  async incarnation(): Promise<string> {
    const desired = (await this.world.account.parameter(this.parameter("desired")))!;
    return (JSON.parse(desired) as { incarnation: string }).incarnation;
  }
}
