import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import * as grpc from "@grpc/grpc-js";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import { engineEnvironment } from "../../engine/standIns";
import { decode, encode, type Properties } from "../../record/values";
import { messages, services, type Provider as Protocol } from "../../record/sdk";

const { ResourceProviderClient } = services.provider;
const proto = messages.provider;

/** What the engine would plan for new inputs. */
export interface Planned {
  changes: "none" | "some";
  replaces: string[];
  /** Whether it would delete before it makes anew. */
  deletesFirst: boolean;
}

/** A stand-in provider as a process of its own, asked over Pulumi's provider protocol as the engine asks it. */
export class Provider {
  private constructor(
    private readonly process: ChildProcess,
    private readonly client: InstanceType<typeof ResourceProviderClient>,
  ) {}

  /** Starts what lies as `pulumi-resource-<name>` on the engine's PATH. */
  static async start(name: "aws" | "kubernetes" | "tls", home: string, observer?: string): Promise<Provider> {
    const pulumi = { pulumi: "", version: "", source: "path" as const, cached: false };
    const env = { ...process.env, ...engineEnvironment({ home, pulumi, observer }) };
    const child = spawn(join(home, "bin", `pulumi-resource-${name}`), [], { env, stdio: "pipe" });
    child.stderr.pipe(process.stderr, { end: false });
    const [port] = (await once(createInterface(child.stdout), "line")) as [string];
    const client = new ResourceProviderClient(`127.0.0.1:${port}`, grpc.credentials.createInsecure());
    const provider = new Provider(child, client);
    const args = encode(
      { aws: { region: "eu-central-1" }, kubernetes: { kubeconfig: "/own" }, tls: {} }[name],
    );
    await provider.call((done) => client.configure(new proto.ConfigureRequest().setArgs(args), done));
    return provider;
  }

  /** As `property: reason` what is wrong with inputs. */
  async check(type: string, inputs: Properties): Promise<string[]> {
    const request = new proto.CheckRequest().setUrn(urn(type, "x")).setNews(encode(inputs));
    const response = await this.call<Protocol.CheckResponse>((done) => this.client.check(request, done));
    return response.getFailuresList().map((failure) => `${failure.getProperty()}: ${failure.getReason()}`);
  }

  async diff(type: string, before: Properties, after: Properties): Promise<Planned> {
    const request = new proto.DiffRequest()
      .setUrn(urn(type, "x"))
      .setOldInputs(encode(before))
      .setOlds(encode(before))
      .setNews(encode(after));
    const response = await this.call<Protocol.DiffResponse>((done) => this.client.diff(request, done));
    const some = response.getChanges() === proto.DiffResponse.DiffChanges.DIFF_SOME;
    return {
      changes: some ? "some" : "none",
      replaces: response.getReplacesList(),
      deletesFirst: response.getDeletebeforereplace(),
    };
  }

  async create(
    type: string,
    name: string,
    inputs: Properties,
    preview = false,
  ): Promise<{ id: string; outputs: Properties }> {
    const request = new proto.CreateRequest()
      .setUrn(urn(type, name))
      .setProperties(encode(inputs))
      .setPreview(preview);
    const response = await this.call<Protocol.CreateResponse>((done) => this.client.create(request, done));
    return { id: response.getId(), outputs: decode(response.getProperties()) };
  }

  async update(type: string, id: string, before: Properties, after: Properties): Promise<Properties> {
    const request = new proto.UpdateRequest()
      .setUrn(urn(type, "x"))
      .setId(id)
      .setOlds(encode(before))
      .setNews(encode(after));
    const response = await this.call<Protocol.UpdateResponse>((done) => this.client.update(request, done));
    return decode(response.getProperties());
  }

  async delete(type: string, id: string, outputs: Properties = {}): Promise<void> {
    const request = new proto.DeleteRequest().setUrn(urn(type, "x")).setId(id).setProperties(encode(outputs));
    await this.call((done) => this.client.delete(request, done));
  }

  /** Outputs of what exists; undefined of what does not. */
  async read(type: string, id: string): Promise<Properties | undefined> {
    const request = new proto.ReadRequest().setUrn(urn(type, "x")).setId(id);
    const response = await this.call<Protocol.ReadResponse>((done) => this.client.read(request, done));
    return response.getId() === "" ? undefined : decode(response.getProperties());
  }

  async invoke(token: string): Promise<Properties> {
    const request = new proto.InvokeRequest().setTok(token);
    const response = await this.call<Protocol.InvokeResponse>((done) => this.client.invoke(request, done));
    return decode(response.getReturn());
  }

  async version(): Promise<string> {
    const info = await this.call<{ getVersion(): string }>((done) =>
      this.client.getPluginInfo(new Empty(), done),
    );
    return info.getVersion();
  }

  /** Lets go of it as an engine does that was killed: nobody holds its standard input any more. */
  async abandon(): Promise<void> {
    this.client.close();
    const gone = this.process.exitCode === null ? once(this.process, "exit") : undefined;
    this.process.stdin!.end();
    await gone;
  }

  private call<Response>(
    start: (done: (error: grpc.ServiceError | null, response: Response) => void) => unknown,
  ): Promise<Response> {
    return new Promise((resolve, reject) =>
      start((error, response) => (error ? reject(new Error(error.details)) : resolve(response))),
    );
  }
}

function urn(type: string, name: string): string {
  return `urn:pulumi:prod::etcd::etcd:index:EtcdMember$${type}::${name}`;
}
