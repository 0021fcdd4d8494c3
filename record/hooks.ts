import { callbackOf, type Callbacks, type ProgramCallback } from "./callbacks";
import { messages, type Resource } from "./sdk";
import { encode, type Properties } from "./values";

/** What the engine tells a hook about the resource that it is about to change. */
export interface HookCall {
  urn: string;
  id: string;
  name: string;
  type: string;
  oldInputs?: Properties;
  newInputs?: Properties;
  oldOutputs?: Properties;
}

/** Calls a hook by its name; an error in its answer stops the engine's step. */
export type CallHook = (hook: string, call: HookCall) => Promise<{ error?: string }>;

/** The hooks that a program registered. They run in the program. */
export class RegisteredHooks {
  private readonly registered = new Map<string, ProgramCallback & { onDryRun: boolean }>();

  /** @param preview whether the program runs in a preview, where only hooks that asked for it take part */
  constructor(
    private readonly callbacks: Callbacks,
    private readonly preview: boolean,
  ) {}

  register(request: Resource.RegisterResourceHookRequest): void {
    const name = request.getName();
    if (this.registered.has(name)) throw new Error(`resource hook already registered: ${name}`);
    this.registered.set(name, { ...callbackOf(request.getCallback()), onDryRun: request.getOnDryRun() });
  }

  readonly call: CallHook = async (hook, { urn, id, name, type, oldInputs, newInputs, oldOutputs }) => {
    const found = this.registered.get(hook);
    if (found === undefined) throw new Error(`no resource hook is registered by the name ${hook}`);
    if (this.preview && !found.onDryRun) return {};
    const { ResourceHookRequest, ResourceHookResponse } = messages.resource;
    const request = new ResourceHookRequest().setUrn(urn).setId(id).setName(name).setType(type);
    if (oldInputs) request.setOldInputs(encode(oldInputs));
    if (newInputs) request.setNewInputs(encode(newInputs));
    if (oldOutputs) request.setOldOutputs(encode(oldOutputs));
    const answer = await this.callbacks.call(found, request.serializeBinary());
    const error = ResourceHookResponse.deserializeBinary(answer).getError();
    return error === "" ? {} : { error };
  };
}
