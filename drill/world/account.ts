import type { Estate } from "./estate";
import { callMoto, callMotoS3 } from "./moto";

/** What a stack's AWS account keeps, in moto: parameters, and objects of the backup bucket. */
export class Account {
  constructor(private readonly stack: () => Pick<Estate, "region" | "bucket">) {}

  /** Makes the backup bucket, versioned as the stack declares it. */
  async makeBucket(): Promise<void> {
    const { region, bucket } = this.stack();
    const location = `<CreateBucketConfiguration><LocationConstraint>${region}</LocationConstraint></CreateBucketConfiguration>`;
    await callMotoS3(region, "PUT", bucket, location);
    const versioning = "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>";
    await callMotoS3(region, "PUT", `${bucket}?versioning`, versioning);
  }

  /** A parameter's value as an operator reads it. */
  async parameter(name: string): Promise<string | undefined> {
    const { Parameters } = await callMoto<{ Parameters: { Value: string }[] }>(
      this.stack().region,
      "AmazonSSM.GetParameters",
      { Names: [name], WithDecryption: true },
    );
    return Parameters[0]?.Value;
  }

  /** Keys in the bucket with this prefix. */
  async objects(prefix: string): Promise<string[]> {
    const { region, bucket } = this.stack();
    const listed = await callMotoS3(
      region,
      "GET",
      `${bucket}?list-type=2&prefix=${encodeURIComponent(prefix)}`,
    );
    return [...(await listed.text()).matchAll(/<Key>([^<]*)/g)].map(([, key]) => key!);
  }

  /** An object of the bucket. */
  async object(key: string): Promise<Buffer> {
    const { region, bucket } = this.stack();
    return Buffer.from(await (await callMotoS3(region, "GET", `${bucket}/${key}`)).arrayBuffer());
  }

  async putObject(key: string, content: Buffer): Promise<void> {
    await callMotoS3(this.stack().region, "PUT", `${this.stack().bucket}/${key}`, content);
  }

  async deleteObject(key: string): Promise<void> {
    await callMotoS3(this.stack().region, "DELETE", `${this.stack().bucket}/${key}`);
  }

  async putParameter(Name: string, Value: string, Type = "String"): Promise<void> {
    await callMoto(this.stack().region, "AmazonSSM.PutParameter", { Name, Value, Type, Overwrite: true });
  }

  async deleteParameter(Name: string): Promise<void> {
    await callMoto(this.stack().region, "AmazonSSM.DeleteParameter", { Name });
  }
}
