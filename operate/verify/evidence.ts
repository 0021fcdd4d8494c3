import { X509Certificate } from "node:crypto";
import type { z } from "zod";
import type { Aws } from "../../aws/clients";
import { parametersBelow, targetGroup, targetHealth, type Target } from "../../aws/readers";
import {
  apiServerReports,
  desiredParameter,
  foundingParameter,
  incarnationKeys,
  incarnationParameters,
} from "../../contract/paths";
import type { BackupManifest, DesiredRecord, FoundingRecord, GenerationRecord } from "../../contract/records";
import { readRecord, type Read } from "../../contract/read";
import { desiredSchema, foundingSchema, generationSchema } from "../../contract/schemas";
import { apiServersOf } from "../../guard/apiServers";
import type { Evidence as Facts } from "../../guard/facts";
import { machinesOf } from "../../guard/machines";
import { recordsOf } from "../../guard/records";
import { ask, clockOf } from "../aws";
import { BackupBucket } from "../backups/bucket";
import { parametersNamed } from "../parameters";
import type { Declaration } from "./declaration";

/** What was found about a cluster in its account. Nothing here is secret. */
export interface Evidence extends Pick<Facts, "now" | "machines" | "reports" | "broken"> {
  /** The record that machines read; undefined if it is not there. */
  desired?: Read<DesiredRecord>;
  /** What the generation that it declares is declared as; undefined if that is missing. */
  founding?: Read<FoundingRecord>;
  /** That generation's record; undefined while no machine has made it. */
  generation?: Read<GenerationRecord>;
  /** Members that started in it as founders. */
  started: string[];
  /** By the parameter's name; a missing one is not in Parameter Store. */
  certificates: Record<string, Certificate[] | string>;
  /** What machines of API servers report. */
  apiServers: ReturnType<typeof apiServersOf>;
  /** Undefined if the record names no bucket. */
  backups?: { bucket: string; newest?: NewestBackup };
  /** Health by address as the load balancer sees it; undefined if there is no such target group. */
  targets?: Record<string, Target>;
}

export interface Certificate {
  subject: string;
  /** Of its DER, in hex, as members report it. */
  sha256: string;
  from: Date;
  to: Date;
}

export interface NewestBackup {
  manifest: BackupManifest;
  /** Bytes of its snapshot in the bucket; undefined if it is not there. */
  stored?: number;
}

/**
 * Reads the state of a cluster from AWS. It reads certificates and never a key.
 * @throws SettingsError without credentials that may read it; AwsError if AWS does not answer
 */
export async function evidenceOf(declaration: Declaration, aws: Aws, signal: AbortSignal): Promise<Evidence> {
  const { cluster, targetGroup: group } = declaration;
  const name = desiredParameter(cluster);
  const [record] = await parametersNamed(aws.ssm, [name], signal);
  const desired = record && readRecord(desiredSchema, name, record.value);
  const known = desired?.value;
  const [records, machines, certificates, apiServers, backups, targets] = await Promise.all([
    known ? recordsBelow(cluster, known, aws, signal) : { reports: [], broken: [], started: [] },
    ask("ask for the machines", signal, () => machinesOf(aws, cluster, { abortSignal: signal })),
    certificatesOf(declaration, aws, signal),
    ask(`read ${apiServerReports(cluster)}`, signal, async () =>
      apiServersOf(
        cluster,
        await parametersBelow(aws.ssm, apiServerReports(cluster), { abortSignal: signal }),
      ),
    ),
    known?.backups && backupsOf(known, known.backups.bucket, aws, signal),
    group === undefined ? undefined : targetsOf(group, aws, signal),
  ]);
  const now = clockOf(aws).getTime();
  return { now, desired, ...records, machines, certificates, apiServers, backups, targets };
}

/** What is declared about the generation, and everything that machines of the incarnation wrote. */
async function recordsBelow(
  cluster: string,
  { incarnation, generation: number }: DesiredRecord,
  { ssm }: Aws,
  signal: AbortSignal,
): Promise<Pick<Evidence, "founding" | "generation" | "started" | "reports" | "broken">> {
  const declared = foundingParameter(cluster, number);
  const path = `${incarnationParameters(cluster)}/${incarnation}`;
  const [founding, written] = await Promise.all([
    parametersNamed(ssm, [declared], signal),
    ask(`read ${path}`, signal, () => parametersBelow(ssm, path, { abortSignal: signal })),
  ]);
  const read = <S extends z.ZodType>(schema: S, name: string) =>
    [...founding, ...written]
      .filter((each) => each.name === name)
      .map(({ value }) => readRecord(schema, name, value))[0];
  // Another check judges whether the generation's record follows from the declaration.
  const { reports, broken, started } = recordsOf(path, written);
  return {
    founding: read(foundingSchema, declared),
    generation: read(generationSchema, incarnationKeys(cluster, incarnation).generation(number)),
    started: started.flatMap(({ generation, member }) => (generation === number ? member : [])),
    reports,
    broken,
  };
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
      const { subject, validFrom, validTo, fingerprint256 } = new X509Certificate(text);
      const sha256 = fingerprint256.replaceAll(":", "").toLowerCase();
      return {
        subject: subject.replaceAll("\n", ", "),
        sha256,
        from: new Date(validFrom),
        to: new Date(validTo),
      };
    });
    return found.length > 0 ? found : "holds no certificate";
  } catch (error) {
    return `holds no certificate that can be read (${(error as Error).message})`;
  }
}

/** The newest manifest of this incarnation; other incarnations' backups do not count for it. */
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

function targetsOf(name: string, { balancer }: Aws, signal: AbortSignal): Promise<Evidence["targets"]> {
  const until = { abortSignal: signal };
  return ask(`ask for the health of target group ${name}`, signal, async () => {
    const group = await targetGroup(balancer, name, until);
    return group === undefined ? undefined : targetHealth(balancer, group, until);
  });
}
