import { GetObjectCommand, HeadObjectCommand, paginateListObjectsV2 } from "@aws-sdk/client-s3";
import { GetParameterCommand } from "@aws-sdk/client-ssm";
import * as aws from "@pulumi/aws";
import { awsClients } from "../aws/clients";
import { parametersBelow, targetGroup, targetHealth } from "../aws/readers";
import {
  apiServerReports,
  backupStamp,
  desiredParameter,
  foundingParameter,
  incarnationParameters,
  manifestsPrefix,
} from "../contract/paths";
import type { DesiredRecord } from "../contract/records";
import { readRecord } from "../contract/read";
import { desiredSchema, foundingSchema, manifestSchema } from "../contract/schemas";
import { apiServersOf } from "./apiServers";
import type { Backup, Evidence, Machine, NoEvidence } from "./facts";
import { machineOf, machinesOf } from "./machines";
import { recordsOf, type Founding } from "./records";

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

/** AWS answered something that Pulumi does not write there. */
class BrokenRecord extends Error {
  override readonly name = "BrokenRecord";
}

/** Reads the evidence that the guard decides from. It changes nothing. */
export class EvidenceReader {
  /** Configured like the stack's own provider. */
  private readonly aws = awsClients(aws.config);

  /** The state of a cluster. */
  async cluster(cluster: string, balanced: boolean): Promise<Evidence | NoEvidence> {
    try {
      const desired = await this.desired(cluster);
      const { incarnation, generation } = desired;
      const path = `${incarnationParameters(cluster)}/${incarnation}`;
      const [founding, parameters, machines, targetHealth] = await Promise.all([
        this.founding(cluster, desired),
        asked("ssm:GetParametersByPath", () => parametersBelow(this.aws.ssm, path)),
        asked("ec2:DescribeInstances", () => machinesOf(this.aws, cluster)),
        balanced ? this.targetHealth(`${cluster}-etcd`) : {},
      ]);
      const now = this.aws.now();
      if (Number.isNaN(now)) return { problem: "AWS' answers carry no date", passing: true };
      const records = recordsOf(path, parameters, founding);
      return { now, incarnation, generation, machines, ...records, targetHealth };
    } catch (error) {
      if (error instanceof Unasked) return error.toEvidence();
      throw error;
    }
  }

  /** What machines of API servers report. */
  async apiServers(cluster: string): Promise<ReturnType<typeof apiServersOf> | NoEvidence> {
    try {
      const path = apiServerReports(cluster);
      return apiServersOf(
        cluster,
        await asked("ssm:GetParametersByPath", () => parametersBelow(this.aws.ssm, path)),
      );
    } catch (error) {
      if (error instanceof Unasked) return error.toEvidence();
      throw error;
    }
  }

  /** Whose machine this is, by its tags; undefined if EC2 no longer knows it, or cannot be asked. */
  async machine(instance: string): Promise<(Machine & { cluster: string }) | undefined> {
    try {
      return await asked("ec2:DescribeInstances", () => machineOf(this.aws, instance));
    } catch (error) {
      if (error instanceof Unasked) return undefined;
      throw error;
    }
  }

  /** Backups whose manifests are younger than this many minutes, by the times in their names. */
  async backups(bucket: string, minutes: number): Promise<Backup[] | NoEvidence> {
    const since = backupStamp(new Date(this.aws.now() - minutes * 60_000));
    try {
      const keys: string[] = [];
      await asked("s3:ListBucket", async () => {
        const start = { Bucket: bucket, Prefix: manifestsPrefix, StartAfter: `${manifestsPrefix}${since}` };
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

  /** What the declared generation is declared as; undefined if the last deployment's program did not record it. */
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

  /** States by address; empty if there is no such target group (yet). */
  private async targetHealth(name: string): Promise<Record<string, string>> {
    const { balancer } = this.aws;
    const group = await asked("elasticloadbalancing:DescribeTargetGroups", () => targetGroup(balancer, name));
    if (group === undefined) return {};
    const targets = await asked("elasticloadbalancing:DescribeTargetHealth", () =>
      targetHealth(balancer, group),
    );
    return Object.fromEntries(Object.entries(targets).map(([address, { state }]) => [address, state]));
  }
}

async function asked<T>(action: string, ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    throw new Unasked(action, error as Error);
  }
}
