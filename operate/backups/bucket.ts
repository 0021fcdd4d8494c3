import {
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  NoSuchBucket,
  type S3Client,
} from "@aws-sdk/client-s3";
import type { Readable } from "node:stream";
import { backupStamp, manifestsPrefix } from "../../contract/paths";
import { readRecord } from "../../contract/read";
import type { BackupManifest } from "../../contract/records";
import { manifestSchema } from "../../contract/schemas";
import { ask, AwsError } from "../aws";

/** An object of the bucket, as a listing shows it. */
export interface StoredObject {
  key: string;
  /** Bytes. */
  size: number;
  /** When it was written, by S3's clock. */
  written: Date;
}

/** A manifest in the bucket, or why it is not a valid one. */
export type ReadManifest = { key: string } & ({ manifest: BackupManifest } | { problem: string });

/** The bucket that holds a cluster's snapshots, for reading. */
export class BackupBucket {
  constructor(
    private readonly s3: S3Client,
    readonly name: string,
    private readonly signal: AbortSignal,
  ) {}

  /** Objects with this prefix, sorted by key; only those after the key `after`, if given. */
  async list(prefix: string, after?: string): Promise<StoredObject[]> {
    const found: StoredObject[] = [];
    const where = { Bucket: this.name, Prefix: prefix, StartAfter: after };
    let ContinuationToken: string | undefined;
    do {
      const command = new ListObjectsV2Command({ ...where, ContinuationToken });
      const page = await this.ask(`list ${prefix}`, () => this.s3.send(command, this.until));
      for (const { Key, Size, LastModified } of page.Contents ?? [])
        found.push({ key: Key!, size: Size!, written: LastModified! });
      ContinuationToken = page.NextContinuationToken;
    } while (ContinuationToken !== undefined);
    return found;
  }

  /** Keys of the manifests, oldest first; only those of snapshots since this time, if given. */
  async manifests(since?: Date): Promise<string[]> {
    // Keys are times: whatever sorts after the previous second is from this second or later.
    const after = since && `${manifestsPrefix}${backupStamp(new Date(since.getTime() - 1000))}.json`;
    const found = await this.list(manifestsPrefix, after);
    return found.map(({ key }) => key).filter((key) => key.endsWith(".json"));
  }

  async manifest(key: string): Promise<ReadManifest> {
    const command = new GetObjectCommand({ Bucket: this.name, Key: key });
    const text = await this.ask(`read ${key}`, async () => {
      const { Body } = await this.s3.send(command, this.until);
      return Body!.transformToString();
    });
    const { value: manifest, problem } = readRecord(manifestSchema, key, text);
    return problem === undefined ? { key, manifest } : { key, problem: problem.slice(key.length + 2) };
  }

  /** Size of the snapshot that a manifest names, in bytes; undefined if it is not there. */
  async sizeOf({ snapshot, versionId }: BackupManifest): Promise<number | undefined> {
    const command = new HeadObjectCommand({ Bucket: this.name, Key: snapshot, VersionId: versionId });
    return this.ask(`look for ${snapshot}`, async () => {
      try {
        return (await this.s3.send(command, this.until)).ContentLength;
      } catch (error) {
        // A HEAD has no body, so its status is all there is.
        if ((error as { $metadata?: { httpStatusCode?: number } }).$metadata?.httpStatusCode === 404)
          return undefined;
        throw error;
      }
    });
  }

  /** The content of the snapshot that a manifest names. */
  async content({ snapshot, versionId }: BackupManifest): Promise<Readable> {
    const command = new GetObjectCommand({ Bucket: this.name, Key: snapshot, VersionId: versionId });
    const { Body } = await this.ask(`read ${snapshot}`, () => this.s3.send(command, this.until));
    return Body as Readable;
  }

  private get until() {
    return { abortSignal: this.signal };
  }

  private ask<T>(question: string, answer: () => Promise<T>): Promise<T> {
    return ask(`${question} in s3://${this.name}`, this.signal, async () => {
      try {
        return await answer();
      } catch (error) {
        if (error instanceof NoSuchBucket) throw new AwsError("there is no such bucket");
        throw error;
      }
    });
  }
}
