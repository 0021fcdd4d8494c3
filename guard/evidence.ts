import { paginateDescribeInstances, type Instance } from "@aws-sdk/client-ec2";
import {
  DescribeTargetGroupsCommand,
  DescribeTargetHealthCommand,
} from "@aws-sdk/client-elastic-load-balancing-v2";
import { GetObjectCommand, HeadObjectCommand, paginateListObjectsV2 } from "@aws-sdk/client-s3";
import { GetParameterCommand, paginateGetParametersByPath } from "@aws-sdk/client-ssm";
import {
  desiredParameter,
  foundingParameter,
  incarnationParameters,
  manifestsPrefix,
} from "../contract/paths";
import type { DesiredRecord } from "../contract/records";
import { tagNames } from "../contract/tags";
import { readRecord } from "../contract/read";
import { desiredSchema, foundingSchema, manifestSchema } from "../contract/schemas";
import { clients } from "./clients";
import type { Backup, Evidence, Machine, NoEvidence } from "./facts";
import { recordsOf, type Founding, type StoredParameter } from "./records";
import { recordedOf } from "./target";

/** AWS could not be asked; the message names the action and AWS' own answer. */
class Unasked extends Error {
  constructor(
    action: string,
    readonly reason: Error,
  ) {
    super(`${action}: ${reason.name}: ${reason.message}`);
  }

  toEvidence(): NoEvidence {
    const lasting =
      /AccessDenied|Unauthorized|NotAuthorized|Expired|Credentials|ClientToken|UnrecognizedClient|AuthFailure|Signature|OptIn|Region|ParameterNotFound|BrokenRecord/;
    return { problem: this.message, passing: !lasting.test(`${this.reason.name} ${this.reason.message}`) };
  }
}

/** What AWS answered is not what Pulumi writes there. */
class BrokenRecord extends Error {
  override readonly name = "BrokenRecord";
}

/** Reads what the guard decides from. It changes nothing. */
export class EvidenceReader {
  private readonly aws = clients();
  /** AWS' clock, from its last answer. */
  private now = Number.NaN;

  constructor() {
    this.aws.ssm.middlewareStack.add(
      (next) => async (args) => {
        const result = await next(args);
        const { headers } = result.response as { headers: Record<string, string> };
        this.now = Date.parse(headers.date ?? "");
        return result;
      },
      { step: "deserialize", name: "clock" },
    );
  }

  /** How a cluster stands. */
  async cluster(cluster: string, balanced: boolean): Promise<Evidence | NoEvidence> {
    try {
      const desired = await this.desired(cluster);
      const { incarnation, generation } = desired;
      const path = `${incarnationParameters(cluster)}/${incarnation}`;
      const [founding, parameters, machines, targetHealth] = await Promise.all([
        this.founding(cluster, desired),
        this.parametersBelow(path),
        this.machines({ Filters: [{ Name: `tag:${tagNames.cluster}`, Values: [cluster] }] }),
        balanced ? this.targetHealth(`${cluster}-etcd`) : {},
      ]);
      if (Number.isNaN(this.now)) return { problem: "AWS' answers carry no date", passing: true };
      const records = recordsOf(path, parameters, founding);
      return { now: this.now, incarnation, generation, machines, ...records, targetHealth };
    } catch (error) {
      if (error instanceof Unasked) return error.toEvidence();
      throw error;
    }
  }

  /** Whose machine this is, by its tags; undefined if EC2 does not know it any more, or cannot be asked. */
  async machine(instance: string): Promise<(Machine & { cluster: string }) | undefined> {
    try {
      const [found] = await this.instances({ InstanceIds: [instance] });
      return found && { ...toMachine(found), cluster: tags(found)[tagNames.cluster] ?? "" };
    } catch (error) {
      if (error instanceof Unasked) return undefined;
      throw error;
    }
  }

  /** Backups whose manifests are younger than so many minutes, by the times in their names. */
  async backups(bucket: string, minutes: number): Promise<Backup[] | NoEvidence> {
    const since = new Date(this.now - minutes * 60_000).toISOString();
    const stamp = since.replace(/[-:]|\.\d+/g, "");
    try {
      const keys: string[] = [];
      await asked("s3:ListBucket", async () => {
        const start = { Bucket: bucket, Prefix: manifestsPrefix, StartAfter: `${manifestsPrefix}${stamp}` };
        for await (const { Contents = [] } of paginateListObjectsV2({ client: this.aws.s3 }, start))
          keys.push(...Contents.flatMap(({ Key }) => Key ?? []));
      });
      return (await Promise.all(keys.map((key) => this.backup(bucket, key)))).flat();
    } catch (error) {
      if (error instanceof Unasked) return error.toEvidence();
      throw error;
    }
  }

  private backup(bucket: string, key: string): Promise<Backup[]> {
    return asked("s3:GetObject", async () => {
      const { Body, LastModified } = await this.aws.s3.send(
        new GetObjectCommand({ Bucket: bucket, Key: key }),
      );
      const { value: manifest } = readRecord(manifestSchema, key, await Body!.transformToString());
      if (manifest === undefined || LastModified === undefined) return [];
      const snapshot = { Bucket: bucket, Key: manifest.snapshot, VersionId: manifest.versionId };
      const size = await this.aws.s3.send(new HeadObjectCommand(snapshot)).then(
        ({ ContentLength }) => ContentLength,
        (error: Error) => {
          if (error.name === "NotFound") return undefined;
          throw error;
        },
      );
      return [{ manifest, modified: LastModified.getTime(), present: size === manifest.size }];
    });
  }

  private async desired(cluster: string): Promise<DesiredRecord> {
    const name = desiredParameter(cluster);
    const { value: desired, problem } = readRecord(desiredSchema, name, await this.parameter(name));
    if (problem !== undefined) throw new Unasked("ssm:GetParameter", new BrokenRecord(problem));
    return desired;
  }

  /** What the declared generation is declared as; undefined where the last deployment's program did not say so. */
  private async founding(
    cluster: string,
    { generation, backups }: DesiredRecord,
  ): Promise<Founding | undefined> {
    const name = foundingParameter(cluster, generation);
    try {
      const { value: record, problem } = readRecord(foundingSchema, name, await this.parameter(name));
      if (problem !== undefined) throw new Unasked("ssm:GetParameter", new BrokenRecord(problem));
      return { generation, record, bucket: backups?.bucket };
    } catch (error) {
      if (error instanceof Unasked && error.reason.name === "ParameterNotFound") return undefined;
      throw error;
    }
  }

  private async parameter(name: string): Promise<string> {
    const { Parameter } = await asked("ssm:GetParameter", () =>
      this.aws.ssm.send(new GetParameterCommand({ Name: name })),
    );
    return Parameter?.Value ?? "";
  }

  /** Everything that the machines of an incarnation wrote. */
  private async parametersBelow(path: string): Promise<StoredParameter[]> {
    const found: StoredParameter[] = [];
    await asked("ssm:GetParametersByPath", async () => {
      const pages = paginateGetParametersByPath({ client: this.aws.ssm }, { Path: path, Recursive: true });
      for await (const { Parameters = [] } of pages)
        for (const { Name, Value, LastModifiedDate } of Parameters)
          if (Name && Value !== undefined && LastModifiedDate)
            found.push({ name: Name, value: Value, written: LastModifiedDate });
    });
    return found;
  }

  private async machines(input: object): Promise<Machine[]> {
    const found = await this.instances(input);
    return found.map(toMachine).filter(({ member }) => member !== "");
  }

  private instances(input: object): Promise<Instance[]> {
    const gone = ["shutting-down", "terminated"];
    return asked("ec2:DescribeInstances", async () => {
      const found: Instance[] = [];
      for await (const { Reservations = [] } of paginateDescribeInstances({ client: this.aws.ec2 }, input))
        found.push(...Reservations.flatMap(({ Instances = [] }) => Instances));
      return found.filter(({ State }) => !gone.includes(State?.Name ?? ""));
    });
  }

  /** States by address; none where there is no such target group (yet). */
  private async targetHealth(targetGroup: string): Promise<Record<string, string>> {
    const { balancer } = this.aws;
    const find = new DescribeTargetGroupsCommand({ Names: [targetGroup] });
    const arn = await asked("elasticloadbalancing:DescribeTargetGroups", () =>
      balancer.send(find).then(
        ({ TargetGroups = [] }) => TargetGroups[0]?.TargetGroupArn,
        (error: Error) => {
          if (error.name.startsWith("TargetGroupNotFound")) return undefined;
          throw error;
        },
      ),
    );
    if (arn === undefined) return {};
    const { TargetHealthDescriptions: all = [] } = await asked(
      "elasticloadbalancing:DescribeTargetHealth",
      () => balancer.send(new DescribeTargetHealthCommand({ TargetGroupArn: arn })),
    );
    return Object.fromEntries(
      all.map(({ Target, TargetHealth }) => [Target?.Id ?? "", TargetHealth?.State ?? "unknown"]),
    );
  }
}

function toMachine(instance: Instance): Machine {
  return {
    instance: instance.InstanceId ?? "",
    member: tags(instance)[tagNames.member] ?? "",
    state: instance.State?.Name ?? "unknown",
    address: instance.PrivateIpAddress,
    launched: instance.LaunchTime!.getTime(),
    recorded: recordedOf(tags(instance)),
  };
}

function tags({ Tags = [] }: Instance): Record<string, string | undefined> {
  return Object.fromEntries(Tags.map(({ Key = "", Value }) => [Key, Value]));
}

async function asked<T>(action: string, ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    throw new Unasked(action, error as Error);
  }
}
