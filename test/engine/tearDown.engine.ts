import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  CreateBucketCommand,
  ListObjectsV2Command,
  ListObjectVersionsCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  type BucketLocationConstraint,
} from "@aws-sdk/client-s3";
import { PutParameterCommand } from "@aws-sdk/client-ssm";
import { awsClients, type Aws } from "../../aws/clients";
import { parametersBelow } from "../../aws/readers";
import { commandsOf } from "../../drill/harness/runBook";
import { awsPython } from "../../tools/python";
import { noMoto, startMoto, type Moto } from "../fixtures/moto";
import type { Deployment } from "./deployment";
import { founded, withEngine } from "./engine";
import { typed } from "./typed";

const [keep, unprotect, empty, destroy, forget] = commandsOf("tear-down") as [string, ...string[]];
const machines = "/etcd/prod/incarnations";
const region = "eu-central-1";

// moto keeps what members wrote: bucket and parameters.
const withBoth = noMoto === undefined ? withEngine : describe.skip;

withBoth("the run-book tear-down, typed as it stands there", () => {
  let deployment: Deployment;
  let moto: Moto;
  let aws: Aws;
  let bucket: string;
  /** Directory with AWS' own CLI, which asks moto. */
  let commands: string;

  beforeAll(async () => {
    deployment = await founded();
    moto = await startMoto();
    Object.assign(process.env, moto.environment);
    aws = awsClients({ region });
    commands = mkdtempSync(join(tmpdir(), "tear-down-"));
    const { AWS_ENDPOINT_URL } = moto.environment;
    const cli = `#!/bin/sh\nAWS_ENDPOINT_URL=${AWS_ENDPOINT_URL} AWS_DEFAULT_REGION=${region} exec ${awsPython()} -m awscli "$@"\n`;
    writeFileSync(join(commands, "aws"), cli, { mode: 0o755 });
    bucket = deployment.resources().get("Bucket prod")!.id;
    await fill();
  });
  afterAll(async () => {
    await deployment?.end();
    await moto?.stop();
    if (commands) rmSync(commands, { recursive: true });
  });

  /** What members wrote: objects in more than one version, and a status. */
  async function fill(): Promise<void> {
    const CreateBucketConfiguration = { LocationConstraint: region as BucketLocationConstraint };
    for (const Bucket of [bucket, "another-bucket"])
      await aws.s3.send(new CreateBucketCommand({ Bucket, CreateBucketConfiguration }));
    const VersioningConfiguration = { Status: "Enabled" as const };
    await aws.s3.send(new PutBucketVersioningCommand({ Bucket: bucket, VersioningConfiguration }));
    for (const Key of ["snapshots/1.db", "snapshots/1.db", "manifests/1.json"])
      await aws.s3.send(new PutObjectCommand({ Bucket: bucket, Key, Body: "data" }));
    for (const member of ["member1", "member2"])
      await aws.ssm.send(
        new PutParameterCommand({ Name: `${machines}/1/status/${member}`, Value: "{}", Type: "String" }),
      );
  }

  const type = (text: string) => typed(deployment, text, commands);

  test("nothing goes while it is protected; then everything goes", async () => {
    const before = [...deployment.resources().keys()].sort();
    await expect(type(destroy!)).rejects.toThrow(/protected/);
    expect([...deployment.resources().keys()].sort()).toEqual(before);

    await type(keep);
    const kept = await aws.s3.send(new ListObjectsV2Command({ Bucket: "another-bucket" }));
    expect(kept.Contents!.map(({ Key }) => Key)).toEqual(["manifests/1.json", "snapshots/1.db"]);

    deployment.happened.length = 0;
    await type(unprotect!);
    const steps = deployment.happened.filter((line) => /^(create|delete|stop) /.test(line));
    expect(steps).toEqual([]);

    await type(empty!);
    const left = await aws.s3.send(new ListObjectVersionsCommand({ Bucket: bucket }));
    expect([left.Versions, left.DeleteMarkers]).toEqual([undefined, undefined]);

    await type(destroy!);
    expect([...deployment.resources().keys()]).toEqual([]);

    await type(forget!);
    expect(await parametersBelow(aws.ssm, machines)).toEqual([]);
  });
});
