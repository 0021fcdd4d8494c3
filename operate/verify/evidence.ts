import { X509Certificate } from "node:crypto";
import { DescribeInstancesCommand } from "@aws-sdk/client-ec2";
import type { z } from "zod";
import {
  DescribeTargetGroupsCommand,
  DescribeTargetHealthCommand,
  TargetGroupNotFoundException,
} from "@aws-sdk/client-elastic-load-balancing-v2";
import { tagNames } from "../../contract/tags";
import { desiredParameter, foundingParameter, incarnationKeys } from "../../contract/paths";
import type {
  BackupManifest,
  DesiredRecord,
  FoundingRecord,
  GenerationRecord,
  StatusRecord,
} from "../../contract/records";
import { readRecord, type Read } from "../../contract/read";
import { foundingSchema, generationSchema, statusSchema } from "../../contract/schemas";
import { ask, type Aws } from "../aws";
import { BackupBucket } from "../backups/bucket";
import { parametersBelow, parametersNamed } from "../parameters";
import type { Declaration } from "./declaration";

/** What was found of a cluster in its account. Nothing here is secret. */
export interface Evidence {
  /** The record that machines read; undefined if it is not there, a text if it is no JSON. */
  desired?: DesiredRecord | string;
  /** What the generation that it declares is declared as; undefined if that is not there. */
  founding?: Read<FoundingRecord>;
  /** That generation's record; undefined while no machine has made it. */
  generation?: Read<GenerationRecord>;
  /** Members that started in it as founders. */
  started: string[];
  /** What machines say of themselves, by the member's name. */
  statuses: Record<string, Reported>;
  /** Ids of the machines that there are, by the member's name: what a former one said last does not count. */
  machines: Record<string, string[]>;
  /** By the parameter's name; what is missing here is not in Parameter Store. */
  certificates: Record<string, Certificate[] | string>;
  /** Undefined where the record names no bucket. */
  backups?: { bucket: string; newest?: NewestBackup };
  /** Health by address as the load balancer sees it; undefined where there is no such target group. */
  targets?: Record<string, { state: string; reason?: string }>;
}

export interface Reported {
  /** The record; a text if it is no JSON. */
  status: StatusRecord | string;
  /** When it reached Parameter Store, by AWS' clock. */
  written: Date;
}

export interface Certificate {
  subject: string;
  from: Date;
  to: Date;
}

export interface NewestBackup {
  manifest: BackupManifest;
  /** Bytes of its snapshot in the bucket; undefined if it is not there. */
  stored?: number;
}

/**
 * Reads from AWS how a cluster stands. It reads certificates and never a key.
 * @throws SettingsError without credentials that may read it; AwsError if AWS does not answer
 */
export async function evidenceOf(declaration: Declaration, aws: Aws, signal: AbortSignal): Promise<Evidence> {
  const { cluster, targetGroup } = declaration;
  const [record] = await parametersNamed(aws.ssm, [desiredParameter(cluster)], signal);
  const desired = record && parsed<DesiredRecord>(record.value);
  const known = typeof desired === "object" ? desired : undefined;
  const [begun, statuses, machines, certificates, backups, targets] = await Promise.all([
    known ? generationOf(cluster, known, aws, signal) : { started: [] },
    known ? statusesOf(cluster, known, aws, signal) : {},
    machinesOf(cluster, aws, signal),
    certificatesOf(declaration, aws, signal),
    known?.backups && backupsOf(known, known.backups.bucket, aws, signal),
    targetGroup === undefined ? undefined : targetsOf(targetGroup, aws, signal),
  ]);
  return { desired, ...begun, statuses, machines, certificates, backups, targets };
}

function parsed<T extends object>(text: string): T | string {
  try {
    const value = JSON.parse(text) as unknown;
    return value !== null && typeof value === "object" ? (value as T) : text;
  } catch {
    return text;
  }
}

async function generationOf(
  cluster: string,
  { incarnation, generation: number }: DesiredRecord,
  { ssm }: Aws,
  signal: AbortSignal,
): Promise<Pick<Evidence, "founding" | "generation" | "started">> {
  const declared = foundingParameter(cluster, number);
  const record = incarnationKeys(cluster, incarnation).generation(number);
  const [found, marks] = await Promise.all([
    parametersNamed(ssm, [declared, record], signal),
    parametersBelow(ssm, `${record}/started`, signal),
  ]);
  const of = (name: string) => found.find((each) => each.name === name)?.value;
  const read = <S extends z.ZodType>(schema: S, name: string) =>
    of(name) === undefined ? undefined : readRecord(schema, name, of(name)!);
  return {
    founding: read(foundingSchema, declared),
    generation: read(generationSchema, record),
    started: marks.map(({ name }) => name.slice(name.lastIndexOf("/") + 1)),
  };
}

async function statusesOf(
  cluster: string,
  { incarnation }: DesiredRecord,
  { ssm }: Aws,
  signal: AbortSignal,
): Promise<Evidence["statuses"]> {
  const path = incarnationKeys(cluster, incarnation).statuses;
  const records = await parametersBelow(ssm, path, signal);
  return Object.fromEntries(
    records.map(({ name, value, written }) => [
      name.slice(path.length + 1),
      { status: readRecord(statusSchema, name, value).value ?? value, written },
    ]),
  );
}

async function machinesOf(cluster: string, { ec2 }: Aws, signal: AbortSignal): Promise<Evidence["machines"]> {
  const there = ["pending", "running", "stopping", "stopped"];
  const command = new DescribeInstancesCommand({
    Filters: [
      { Name: `tag:${tagNames.cluster}`, Values: [cluster] },
      { Name: "instance-state-name", Values: there },
    ],
  });
  const { Reservations } = await ask("ask for the machines", signal, () =>
    ec2.send(command, { abortSignal: signal }),
  );
  const machines: Evidence["machines"] = {};
  for (const { InstanceId, Tags } of (Reservations ?? []).flatMap(({ Instances }) => Instances ?? [])) {
    const member = Tags?.find(({ Key }) => Key === tagNames.member)?.Value;
    if (member !== undefined) (machines[member] ??= []).push(InstanceId!);
  }
  return machines;
}

async function certificatesOf(
  { certificates }: Declaration,
  { ssm }: Aws,
  signal: AbortSignal,
): Promise<Evidence["certificates"]> {
  const found = await parametersNamed(ssm, certificates, signal);
  return Object.fromEntries(found.map(({ name, value }) => [name, bundle(value)]));
}

const certificatePattern = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

/** The certificates of a PEM bundle, or what is wrong with it. */
function bundle(pem: string): Certificate[] | string {
  try {
    const found = (pem.match(certificatePattern) ?? []).map((text) => {
      const { subject, validFrom, validTo } = new X509Certificate(text);
      return { subject: subject.replaceAll("\n", ", "), from: new Date(validFrom), to: new Date(validTo) };
    });
    return found.length > 0 ? found : "holds no certificate";
  } catch (error) {
    return `holds no certificate that can be read (${(error as Error).message})`;
  }
}

/** The newest manifest of this incarnation; the buckets of others do not speak for it. */
async function backupsOf(
  { incarnation }: DesiredRecord,
  name: string,
  { s3 }: Aws,
  signal: AbortSignal,
): Promise<Evidence["backups"]> {
  const bucket = new BackupBucket(s3, name, signal);
  for (const key of (await bucket.manifests()).reverse()) {
    const read = await bucket.manifest(key);
    if (!("manifest" in read) || read.manifest.incarnation !== incarnation) continue;
    return { bucket: name, newest: { manifest: read.manifest, stored: await bucket.sizeOf(read.manifest) } };
  }
  return { bucket: name };
}

async function targetsOf(
  group: string,
  { balancing }: Aws,
  signal: AbortSignal,
): Promise<Evidence["targets"]> {
  const until = { abortSignal: signal };
  return ask(`ask for the health of target group ${group}`, signal, async () => {
    try {
      const { TargetGroups } = await balancing.send(
        new DescribeTargetGroupsCommand({ Names: [group] }),
        until,
      );
      const TargetGroupArn = TargetGroups![0]!.TargetGroupArn;
      const health = await balancing.send(new DescribeTargetHealthCommand({ TargetGroupArn }), until);
      return Object.fromEntries(
        (health.TargetHealthDescriptions ?? []).map(({ Target, TargetHealth }) => [
          Target!.Id!,
          { state: TargetHealth!.State!, reason: TargetHealth!.Description ?? TargetHealth!.Reason },
        ]),
      );
    } catch (error) {
      if (error instanceof TargetGroupNotFoundException) return undefined;
      throw error;
    }
  });
}
