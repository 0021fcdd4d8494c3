import { spawn, type ChildProcess } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";
import * as grpc from "@grpc/grpc-js";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import { Struct, type JavaScriptValue } from "google-protobuf/google/protobuf/struct_pb";
import { commandOf, messages, services, type Analyzer as Protocol } from "../record/sdk";
import { lean } from "../record/sdkProcess";
import { messageLimit } from "../record/unary";
import type { RecordedResource } from "../record/recording";
import { encode } from "../record/values";
import { transpiler } from "../record/transpiler";

const { AnalyzerClient } = services.analyzer;
const proto = messages.analyzer;

export type Level = "advisory" | "mandatory" | "disabled";

/** What a policy said about a resource. */
export interface Diagnostic {
  policy: string;
  level: Level;
  message: string;
  /** The policy's own sentence. */
  description: string;
  urn: string;
}

/** One policy of a pack, as the pack describes it. */
export interface PolicyInfo {
  name: string;
  description: string;
  level: Level;
}

/** Policies' configuration by name: the enforcement level, and settings that the policy's schema allows. */
export type PackConfig = Record<string, { level: Level; settings: Record<string, unknown> }>;

const levels = new Map<Protocol.EnforcementLevel, Level>([
  [proto.EnforcementLevel.ADVISORY, "advisory"],
  [proto.EnforcementLevel.MANDATORY, "mandatory"],
  [proto.EnforcementLevel.DISABLED, "disabled"],
]);

/** The pack could not be started or failed; the message says what it printed. */
export class PackError extends Error {}

/** A policy pack in a process of its own, asked over Pulumi's Analyzer protocol as the engine does. */
export class Analyzer {
  private constructor(
    private readonly process: ChildProcess,
    private readonly client: InstanceType<typeof AnalyzerClient>,
  ) {}

  /**
   * Starts the pack in a directory.
   * @throws PackError if it does not start
   */
  static async start(directory: string, signal?: AbortSignal): Promise<Analyzer> {
    const child = spawn(
      process.execPath,
      [
        ...["--require", transpiler, "--require", lean],
        // No engine listens there: the pack would only log to it.
        ...[commandOf(directory, "run-policy-pack"), "127.0.0.1:0", directory],
      ],
      { cwd: directory, stdio: ["ignore", "pipe", "pipe"], signal },
    );
    let stderr = "";
    child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
    const port = await new Promise<string>((resolve, reject) => {
      createInterface({ input: child.stdout }).once("line", resolve);
      child.once("error", reject);
      child.once("exit", (code) =>
        reject(new PackError(`${directory}: exit code ${code}: ${stderr.trim()}`)),
      );
    });
    const client = new AnalyzerClient(`127.0.0.1:${port}`, grpc.credentials.createInsecure(), {
      "grpc.max_receive_message_length": messageLimit,
      "grpc.max_send_message_length": messageLimit,
    });
    return new Analyzer(child, client);
  }

  /** Name and policies of the pack. */
  async info(): Promise<{ name: string; version: string; policies: PolicyInfo[] }> {
    const info = await call<Protocol.AnalyzerInfo>((done) => this.client.getAnalyzerInfo(new Empty(), done));
    const policies = info.getPoliciesList().map((policy) => ({
      name: policy.getName(),
      description: policy.getDescription(),
      level: levels.get(policy.getEnforcementlevel())!,
    }));
    return { name: info.getName(), version: info.getVersion(), policies };
  }

  /** Sets the policies' configuration. */
  async configure(
    config: Record<string, { level: Level; settings: Record<string, unknown> }>,
  ): Promise<void> {
    const request = new proto.ConfigureAnalyzerRequest();
    for (const [policy, { level, settings }] of Object.entries(config)) {
      const enforcement = [...levels].find(([, name]) => name === level)![0];
      request
        .getPolicyconfigMap()
        .set(
          policy,
          new proto.PolicyConfig()
            .setEnforcementlevel(enforcement)
            .setProperties(Struct.fromJavaScript(settings as Record<string, JavaScriptValue>)),
        );
    }
    await call((done) => this.client.configure(request, done));
  }

  /** What the policies say about a stack. */
  async analyze(resources: readonly RecordedResource[]): Promise<Diagnostic[]> {
    const request = new proto.AnalyzeStackRequest().setResourcesList(resources.map(analyzed));
    const response = await call<Protocol.AnalyzeResponse>((done) => this.client.analyzeStack(request, done));
    return response.getDiagnosticsList().map((diagnostic) => ({
      policy: diagnostic.getPolicyname(),
      level: levels.get(diagnostic.getEnforcementlevel())!,
      message: diagnostic.getMessage(),
      description: diagnostic.getDescription(),
      urn: diagnostic.getUrn(),
    }));
  }

  async stop(): Promise<void> {
    this.client.close();
    const gone = new Promise((resolve) => this.process.once("exit", resolve));
    if (this.process.exitCode !== null || this.process.signalCode !== null) return;
    this.process.kill("SIGKILL");
    await gone;
  }
}

/** A resource as the engine shows it once it is made: its outputs over its inputs. */
function analyzed(resource: RecordedResource): Protocol.AnalyzerResource {
  const { urn, type, name, parent, custom, id, dependencies, propertyDependencies, options } = resource;
  // Of a component, the engine shows only the outputs that it registered.
  const properties = custom ? { ...resource.inputs, ...resource.outputs } : resource.outputs;
  const message = new proto.AnalyzerResource()
    .setUrn(urn)
    .setType(type)
    .setName(name)
    .setParent(parent ?? "")
    .setProperties(encode({ ...properties, ...(id === undefined ? {} : { id }) }))
    .setDependenciesList([...dependencies])
    .setOptions(
      new proto.AnalyzerResourceOptions()
        .setProtect(options.protect ?? false)
        .setDeletebeforereplace(options.deleteBeforeReplace ?? false)
        .setDeletebeforereplacedefined(options.deleteBeforeReplace !== undefined)
        .setIgnorechangesList(options.ignoreChanges ?? [])
        .setAdditionalsecretoutputsList(options.additionalSecretOutputs ?? [])
        .setParent(parent ?? ""),
    );
  for (const [property, urns] of Object.entries(propertyDependencies)) {
    message
      .getPropertydependenciesMap()
      .set(property, new proto.AnalyzerPropertyDependencies().setUrnsList(urns));
  }
  return message;
}

function call<Response>(
  start: (done: (error: grpc.ServiceError | null, response: Response) => void) => unknown,
): Promise<Response> {
  return new Promise((resolve, reject) =>
    start((error, response) => (error ? reject(new PackError(error.details)) : resolve(response))),
  );
}

/** The pack of this project. */
export const packDirectory = join(__dirname, "..", "policies");
