import type { Socket } from "node:net";
import * as grpc from "@grpc/grpc-js";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import { stackType } from "./aliases";
import { Callbacks } from "./callbacks";
import { RegisteredHooks, type CallHook } from "./hooks";
import { Invokes } from "./invokes";
import type { IssuerOptions } from "./issuer";
import { Providers } from "./providers";
import type { LogLine, Recording, RecordedResource } from "./recording";
import { named, Refusal } from "./refusal";
import { Registrations } from "./registrations";
import { messages, services, type Callback, type Engine, type Resource } from "./sdk";
import { Transforms } from "./transforms";
import { messageLimit, unary } from "./unary";
import { decode, encode } from "./values";

/**
 * The parts of the protocol that the recorder speaks; the SDK asks before it uses any of them. For each part named
 * here, the recorder does what the engine does, or refuses it by name. The SDK refuses any other part.
 */
const features = new Set([
  ...["secrets", "resourceReferences", "outputValues", "deletedWith", "replaceWith", "aliasSpecs"],
  ...["transforms", "invokeTransforms", "parameterization", "resourceHooks", "errorHooks"],
]);

export interface RecorderOptions {
  issuer?: IssuerOptions;
  preview?: boolean;
  /** Called once the program has registered everything, while its hooks can be called. */
  atEnd?: (recording: Recording, callHook: CallHook) => Promise<void>;
}

/**
 * Takes the place of Pulumi's engine: serves ResourceMonitor and Engine, keeps what a program registers and answers as
 * the providers would. It makes nothing anywhere.
 */
export class Recorder {
  readonly recording: Recording;
  /** What the program asked for that only the engine can make. */
  readonly refusals: string[] = [];
  /** What went wrong in {@link RecorderOptions.atEnd}. */
  endProblem?: unknown;
  private readonly server = new grpc.Server({
    "grpc.max_receive_message_length": messageLimit,
  });
  private readonly connections: grpc.ConnectionInjector;
  private readonly byUrn = new Map<string, RecordedResource>();
  private readonly callbacks = new Callbacks();
  private readonly hooks: RegisteredHooks;
  private readonly transforms = new Transforms(this.callbacks);
  private readonly registrations: Registrations;
  private readonly providers: Providers;
  private readonly invokes: Invokes;
  private root = "";

  constructor(
    program: { project: string; stack: string; region: string },
    private readonly options: RecorderOptions = {},
  ) {
    const { project, stack, region } = program;
    this.recording = { project, stack, resources: [], outputs: {}, logs: [], hooks: [] };
    this.hooks = new RegisteredHooks(this.callbacks, options.preview ?? false);
    this.registrations = new Registrations({ project, stack }, this.transforms);
    this.providers = new Providers(region, this.byUrn, options);
    this.invokes = new Invokes(this.transforms, this.byUrn, this.providers.regionOf);
    this.server.addService(services.resourceMonitor.ResourceMonitorService, this.resourceMonitor());
    this.server.addService(services.engine.EngineService, this.engine());
    this.connections = this.server.createConnectionInjector(grpc.ServerCredentials.createInsecure());
  }

  /** Serves a program that has connected. */
  serve(connection: Socket): void {
    this.connections.injectConnection(connection);
  }

  close(): void {
    this.callbacks.close();
    this.server.forceShutdown();
  }

  private resourceMonitor() {
    const proto = messages.resource;
    return {
      getDeploymentInfo: unary(() => new proto.DeploymentInfo()),
      supportsFeature: unary((request: Resource.SupportsFeatureRequest) =>
        new proto.SupportsFeatureResponse().setHassupport(features.has(request.getId())),
      ),
      invoke: this.answer((request: Resource.ResourceInvokeRequest) => this.invokes.answer(request)),
      call: this.answer((request: Resource.ResourceCallRequest) => {
        const reason = "is a method of a provider's component, which alone knows its answer";
        throw new Refusal(request.getTok(), reason, "pass what you need as a setting");
      }),
      readResource: this.answer(refuseRead),
      registerResource: this.answer((request: Resource.RegisterResourceRequest) => this.register(request)),
      registerResourceOutputs: unary((request: Resource.RegisterResourceOutputsRequest) =>
        this.complete(request),
      ),
      registerStackTransform: unary((callback: Callback.Callback) => {
        this.transforms.registerForStack(callback);
        return new Empty();
      }),
      registerStackInvokeTransform: unary((callback: Callback.Callback) => {
        this.transforms.registerForInvokes(callback);
        return new Empty();
      }),
      registerResourceHook: unary((request: Resource.RegisterResourceHookRequest) => {
        this.hooks.register(request);
        this.recording.hooks.push(request.getName());
        return new Empty();
      }),
      // Such a hook is called if a provider fails, and here none does.
      registerErrorHook: unary((request: Resource.RegisterErrorHookRequest) => {
        this.recording.hooks.push(request.getName());
        return new Empty();
      }),
      registerPackage: this.answer((request: Resource.RegisterPackageRequest) => {
        const name = request.getParameterization()?.getName() ?? request.getName();
        const reason = `is made of the provider ${request.getName()}, which alone knows what it holds`;
        throw new Refusal(`package ${name}`, reason, "declare its resources in a stack of their own");
      }),
      signalAndWaitForShutdown: unary(() => this.end()),
    };
  }

  private engine() {
    const proto = messages.engine;
    return {
      log: unary((request: Engine.LogRequest) => this.log(request)),
      getRootResource: unary(() => new proto.GetRootResourceResponse().setUrn(this.root)),
      setRootResource: unary((request: Engine.SetRootResourceRequest) => {
        this.root = request.getUrn();
        return new proto.SetRootResourceResponse();
      }),
      // We do not know which CLI will deploy the program: that CLI says whether it is too old.
      requirePulumiVersion: unary(() => new proto.RequirePulumiVersionResponse()),
    };
  }

  /** A handler that keeps its refusals: the SDK reports them in its own words, and a program may catch them. */
  private answer<Request, Response>(handle: (request: Request) => Response | Promise<Response>) {
    return unary(async (request: Request) => {
      try {
        return await handle(request);
      } catch (error) {
        if (error instanceof Refusal) this.refusals.push(error.message);
        throw error;
      }
    });
  }

  /** The program has registered everything and waits for the engine to finish, with its hooks available. */
  private async end(): Promise<Empty> {
    try {
      await this.options.atEnd?.(this.recording, this.hooks.call);
    } catch (problem) {
      this.endProblem = problem;
    }
    return new Empty();
  }

  private async register(
    request: Resource.RegisterResourceRequest,
  ): Promise<Resource.RegisterResourceResponse> {
    const resource = await this.registrations.take(request);
    this.byUrn.set(resource.urn, resource);
    this.recording.resources.push(resource);
    if (resource.custom) Object.assign(resource, await this.providers.provide(resource));
    const { urn, id, outputs } = resource;
    const { RegisterResourceResponse, Result } = messages.resource;
    const response = new RegisterResourceResponse().setUrn(urn).setObject(encode(outputs));
    return response.setId(id ?? "").setResult(Result.SUCCESS);
  }

  private complete(request: Resource.RegisterResourceOutputsRequest): Empty {
    const resource = this.byUrn.get(request.getUrn());
    if (resource === undefined) throw new Error(`outputs of an unknown resource: ${request.getUrn()}`);
    const outputs = decode(request.getOutputs());
    Object.assign(resource.outputs, outputs);
    if (resource.type === stackType) this.recording.outputs = outputs;
    return new Empty();
  }

  private log(request: Engine.LogRequest): Empty {
    const severities: LogLine["severity"][] = ["debug", "info", "warning", "error"];
    const severity = severities[request.getSeverity()]!;
    // What a resource logs arrives again when its children fail: keep it once.
    this.recording.logs.push({ severity, message: request.getMessage(), urn: request.getUrn() || undefined });
    return new Empty();
  }
}

/** Such a resource exists already: in the cloud, or in the state of another stack. */
function refuseRead(request: Resource.ReadResourceRequest): never {
  const [type, name, id] = [request.getType(), request.getName(), request.getId()];
  if (type === "pulumi:pulumi:StackReference")
    throw new Refusal(
      `StackReference "${name}"`,
      "outputs of another stack are in that stack's state alone",
      "pass what you need of them as settings",
    );
  throw new Refusal(
    named({ type, name }),
    `is read by its id (${id}), and what it is like only the cloud knows`,
    "pass what you need of it as a setting",
  );
}
