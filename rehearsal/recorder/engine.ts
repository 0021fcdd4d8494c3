import type { Socket } from "node:net";
import * as grpc from "@grpc/grpc-js";
import { EngineService } from "@pulumi/pulumi/proto/engine_grpc_pb";
import * as engineProto from "@pulumi/pulumi/proto/engine_pb";
import * as providerProto from "@pulumi/pulumi/proto/provider_pb";
import { ResourceMonitorService } from "@pulumi/pulumi/proto/resource_grpc_pb";
import * as proto from "@pulumi/pulumi/proto/resource_pb";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import { awsAnswer, awsInvoke } from "./awsAnswers";
import { RegisteredHooks, type CallHook } from "./hooks";
import { issue, issues, type IssuerOptions } from "./issuer";
import type { LogLine, Recording, RecordedResource, ResourceOptions } from "./recording";
import { unary } from "./unary";
import { decode, encode, reveal, Secret, type Properties } from "./values";

/** What the recorder speaks of the protocol; the SDK asks before it uses any of it. */
const features = new Set([
  "secrets",
  "resourceReferences",
  "outputValues",
  "deletedWith",
  "aliasSpecs",
  "transforms",
  "resourceHooks",
]);

const stackType = "pulumi:pulumi:Stack";

export interface EngineOptions {
  issuer?: IssuerOptions;
  preview?: boolean;
  /** Called once the program has registered everything, while its hooks can be called. */
  atEnd?: (recording: Recording, callHook: CallHook) => Promise<void>;
}

/**
 * Stands where Pulumi's engine stands: serves ResourceMonitor and Engine, keeps what a program registers
 * and answers as the providers would. AWS' answers are ids and names; those of `tls` are real keys and
 * certificates. Nothing is made anywhere.
 */
export class RecordingEngine {
  readonly recording: Recording;
  private readonly server = new grpc.Server({
    // As Pulumi's own: a program with many large texts in its inputs is no mistake.
    "grpc.max_receive_message_length": 400 * 1024 * 1024,
  });
  private readonly connections: grpc.ConnectionInjector;
  private readonly byUrn = new Map<string, RecordedResource>();
  private readonly hooks: RegisteredHooks;
  private root = "";
  /** What went wrong in {@link EngineOptions.atEnd}. */
  endProblem?: unknown;

  constructor(
    private readonly program: { project: string; stack: string; region: string },
    private readonly options: EngineOptions = {},
  ) {
    this.hooks = new RegisteredHooks(options.preview ?? false);
    const { project, stack } = program;
    this.recording = { project, stack, resources: [], outputs: {}, logs: [], hooks: [] };
    this.server.addService(ResourceMonitorService, {
      getDeploymentInfo: unary(() => new proto.DeploymentInfo()),
      supportsFeature: unary((request: proto.SupportsFeatureRequest) =>
        new proto.SupportsFeatureResponse().setHassupport(features.has(request.getId())),
      ),
      invoke: unary((request: proto.ResourceInvokeRequest) => this.invoke(request)),
      registerResource: unary((request: proto.RegisterResourceRequest) => this.register(request)),
      registerResourceOutputs: unary((request: proto.RegisterResourceOutputsRequest) =>
        this.complete(request),
      ),
      registerResourceHook: unary((request: proto.RegisterResourceHookRequest) => {
        this.hooks.register(request);
        this.recording.hooks.push(request.getName());
        return new Empty();
      }),
      signalAndWaitForShutdown: unary(() => this.end()),
    });
    this.server.addService(EngineService, {
      log: unary((request: engineProto.LogRequest) => this.log(request)),
      getRootResource: unary(() => new engineProto.GetRootResourceResponse().setUrn(this.root)),
      setRootResource: unary((request: engineProto.SetRootResourceRequest) => {
        this.root = request.getUrn();
        return new engineProto.SetRootResourceResponse();
      }),
      requirePulumiVersion: unary(() => new engineProto.RequirePulumiVersionResponse()),
    });
    this.connections = this.server.createConnectionInjector(grpc.ServerCredentials.createInsecure());
  }

  /** Serves a program that has connected. */
  serve(connection: Socket): void {
    this.connections.injectConnection(connection);
  }

  close(): void {
    this.server.forceShutdown();
  }

  /** The program has registered everything and waits, its hooks at hand, for the engine to finish. */
  private async end(): Promise<Empty> {
    try {
      await this.options.atEnd?.(this.recording, this.hooks.call);
    } catch (problem) {
      this.endProblem = problem;
    }
    return new Empty();
  }

  private async register(request: proto.RegisterResourceRequest): Promise<proto.RegisterResourceResponse> {
    const type = request.getType();
    const name = request.getName();
    const urn = this.urn(type, name, request.getParent());
    if (this.byUrn.has(urn)) throw new Error(`Duplicate resource URN '${urn}'; try giving it a unique name`);
    const resource: RecordedResource = {
      urn,
      type,
      name,
      parent: request.getParent() || undefined,
      custom: request.getCustom(),
      inputs: decode(request.getObject()),
      outputs: {},
      dependencies: request.getDependenciesList(),
      propertyDependencies: propertyDependencies(request),
      options: options(request),
    };
    this.byUrn.set(urn, resource);
    this.recording.resources.push(resource);
    if (resource.custom) Object.assign(resource, await this.provide(resource));

    const response = new proto.RegisterResourceResponse().setUrn(urn).setObject(encode(resource.outputs));
    return response.setId(resource.id ?? "").setResult(proto.Result.SUCCESS);
  }

  /** Answers for the provider. */
  private async provide({
    urn,
    type,
    name,
    inputs,
  }: RecordedResource): Promise<{ id?: string; outputs: Properties }> {
    // What a provider would add is then missing, which the SDK takes for unknown.
    if (this.options.preview) return { outputs: inputs };
    if (issues(type)) {
      const plain = Object.fromEntries(Object.entries(inputs).map(([key, value]) => [key, reveal(value)]));
      const { kept } = this.options.issuer ?? {};
      const identity = JSON.stringify([urn, plain]);
      const issued =
        kept?.get(identity) ??
        (await issue(type, plain, this.options.issuer).catch((error: Error) => {
          throw new Error(`${name} (${type}): ${error.message}`);
        }));
      kept?.set(identity, issued);
      const { id, outputs, secretOutputs } = issued;
      // What came in as a secret stays one, like what the provider marks as such.
      const secret = (key: string) => inputs[key] instanceof Secret || secretOutputs.includes(key);
      const marked = Object.entries(outputs).map(([key, value]) => [
        key,
        secret(key) ? new Secret(value) : value,
      ]);
      return { id, outputs: Object.fromEntries(marked) as Properties };
    }
    if (type.startsWith("aws:")) return awsAnswer(type, name, this.program.region, inputs);
    return { id: name, outputs: inputs };
  }

  private complete(request: proto.RegisterResourceOutputsRequest): Empty {
    const resource = this.byUrn.get(request.getUrn());
    if (resource === undefined) throw new Error(`outputs of an unknown resource: ${request.getUrn()}`);
    const outputs = decode(request.getOutputs());
    Object.assign(resource.outputs, outputs);
    if (resource.type === stackType) this.recording.outputs = outputs;
    return new Empty();
  }

  private invoke(request: proto.ResourceInvokeRequest): providerProto.InvokeResponse {
    const answer = awsInvoke(request.getTok(), this.program.region);
    if (answer === undefined) throw new Error(`${request.getTok()} asks the cloud; it has no answer offline`);
    return new providerProto.InvokeResponse().setReturn(encode(answer));
  }

  private log(request: engineProto.LogRequest): Empty {
    const severities: LogLine["severity"][] = ["debug", "info", "warning", "error"];
    const severity = severities[request.getSeverity()]!;
    // What a resource logs arrives once more when its children fail: once is enough.
    this.recording.logs.push({ severity, message: request.getMessage(), urn: request.getUrn() || undefined });
    return new Empty();
  }

  /** A URN as the engine makes it: the types of all ancestors but the stack, then the resource's own. */
  private urn(type: string, name: string, parent: string): string {
    const parentType = parent.split("::")[2] ?? "";
    const prefix = parentType === "" || parentType === stackType ? "" : `${parentType}$`;
    return `urn:pulumi:${this.program.stack}::${this.program.project}::${prefix}${type}::${name}`;
  }
}

function propertyDependencies(request: proto.RegisterResourceRequest): Record<string, string[]> {
  const found: Record<string, string[]> = {};
  request
    .getPropertydependenciesMap()
    .forEach((dependencies: proto.RegisterResourceRequest.PropertyDependencies, key: string) => {
      if (dependencies.getUrnsList().length > 0) found[key] = dependencies.getUrnsList();
    });
  return found;
}

function options(request: proto.RegisterResourceRequest): ResourceOptions {
  const hooks = request.getHooks();
  const moments = {
    beforeCreate: hooks?.getBeforeCreateList(),
    afterCreate: hooks?.getAfterCreateList(),
    beforeUpdate: hooks?.getBeforeUpdateList(),
    afterUpdate: hooks?.getAfterUpdateList(),
    beforeDelete: hooks?.getBeforeDeleteList(),
    afterDelete: hooks?.getAfterDeleteList(),
  };
  return present({
    protect: request.getProtect(),
    deleteBeforeReplace: request.getDeletebeforereplacedefined()
      ? request.getDeletebeforereplace()
      : undefined,
    retainOnDelete: request.getRetainondelete(),
    deletedWith: request.getDeletedwith(),
    ignoreChanges: request.getIgnorechangesList(),
    replaceOnChanges: request.getReplaceonchangesList(),
    aliases: request.getAliasurnsList(),
    provider: request.getProvider(),
    version: request.getVersion(),
    hooks: present(moments),
  });
}

/** Without what is undefined, false or empty. */
function present<T extends object>(object: T): Partial<T> {
  const empty = (value: unknown) =>
    value === undefined ||
    value === false ||
    value === "" ||
    (typeof value === "object" && Object.keys(value!).length === 0);
  return Object.fromEntries(Object.entries(object).filter(([, value]) => !empty(value))) as Partial<T>;
}
