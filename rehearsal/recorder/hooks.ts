import * as grpc from "@grpc/grpc-js";
import { CallbacksClient } from "@pulumi/pulumi/proto/callback_grpc_pb";
import { CallbackInvokeRequest, type CallbackInvokeResponse } from "@pulumi/pulumi/proto/callback_pb";
import {
  ResourceHookRequest,
  ResourceHookResponse,
  type RegisterResourceHookRequest,
} from "@pulumi/pulumi/proto/resource_pb";
import { encode, type Properties } from "./values";

/** What the engine tells a hook of the resource that it is about to change. */
export interface HookCall {
  urn: string;
  id: string;
  name: string;
  type: string;
  oldInputs?: Properties;
  newInputs?: Properties;
  oldOutputs?: Properties;
}

/** Calls a hook by its name; the error that it answers stops the engine's step. */
export type CallHook = (hook: string, call: HookCall) => Promise<{ error?: string }>;

/** The hooks that a program registered. They run in the program, which serves them by gRPC. */
export class RegisteredHooks {
  private readonly registered = new Map<string, { target: string; token: string; onDryRun: boolean }>();

  /** @param preview whether the program runs in a preview, where a hook takes part only if it asked to */
  constructor(private readonly preview: boolean) {}

  register(request: RegisterResourceHookRequest): void {
    const name = request.getName();
    if (this.registered.has(name)) throw new Error(`resource hook already registered: ${name}`);
    const callback = request.getCallback()!;
    const { target, token } = callback.toObject();
    this.registered.set(name, { target, token, onDryRun: request.getOnDryRun() });
  }

  readonly call: CallHook = async (hook, { urn, id, name, type, oldInputs, newInputs, oldOutputs }) => {
    const found = this.registered.get(hook);
    if (found === undefined) throw new Error(`no resource hook is registered by the name ${hook}`);
    if (this.preview && !found.onDryRun) return {};
    const request = new ResourceHookRequest().setUrn(urn).setId(id).setName(name).setType(type);
    if (oldInputs) request.setOldInputs(encode(oldInputs));
    if (newInputs) request.setNewInputs(encode(newInputs));
    if (oldOutputs) request.setOldOutputs(encode(oldOutputs));
    const client = new CallbacksClient(found.target, grpc.credentials.createInsecure());
    try {
      const invoke = new CallbackInvokeRequest().setToken(found.token).setRequest(request.serializeBinary());
      const answer = await new Promise<CallbackInvokeResponse>((done, fail) =>
        client.invoke(invoke, (error, response) => (error ? fail(error) : done(response))),
      );
      const error = ResourceHookResponse.deserializeBinary(answer.getResponse_asU8()).getError();
      return error === "" ? {} : { error };
    } finally {
      client.close();
    }
  };
}
