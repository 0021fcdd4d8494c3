import { callbackOf, type Callbacks, type ProgramCallback } from "./callbacks";
import { messages, type Callback, type Resource } from "./sdk";
import { fromWire, toWire, type Properties } from "./values";

/** A resource as its transforms see it, with properties and options that they may change. */
export interface Transformed {
  type: string;
  name: string;
  custom: boolean;
  parent: string;
  /** In wire format. */
  properties: Properties;
  options: Resource.TransformResourceOptions;
}

/**
 * The transforms that a program registered. They run in the program, and the engine calls them: first a resource's own,
 * then those of its parents from the nearest on, then the stack's.
 */
export class Transforms {
  private readonly ofStack: ProgramCallback[] = [];
  private readonly ofInvokes: ProgramCallback[] = [];
  private readonly ofResources = new Map<string, { parent: string; own: ProgramCallback[] }>();

  constructor(private readonly callbacks: Callbacks) {}

  registerForStack(callback: Callback.Callback): void {
    this.ofStack.push(callbackOf(callback));
  }

  registerForInvokes(callback: Callback.Callback): void {
    this.ofInvokes.push(callbackOf(callback));
  }

  /** Keeps a resource's transforms for its future children. */
  keep(urn: string, parent: string, own: readonly Callback.Callback[]): void {
    this.ofResources.set(urn, { parent, own: own.map(callbackOf) });
  }

  /** Whether any transform applies to a resource. */
  concern(parent: string, own: readonly Callback.Callback[]): boolean {
    return this.allOf(parent, own).length > 0;
  }

  /**
   * Lets all transforms of a resource change it.
   * @throws Error with the message of a transform that failed
   */
  async change(resource: Transformed, own: readonly Callback.Callback[]): Promise<Transformed> {
    let changed = resource;
    for (const callback of this.allOf(resource.parent, own)) changed = await this.apply(callback, changed);
    return changed;
  }

  /**
   * Lets the stack's transforms change the arguments of a provider's function.
   * @throws Error with the message of a transform that failed
   */
  async changeInvoke(
    token: string,
    args: Properties,
    options: Resource.TransformInvokeOptions,
  ): Promise<{ args: Properties; options: Resource.TransformInvokeOptions }> {
    const { TransformInvokeRequest, TransformInvokeResponse } = messages.resource;
    let changed = { args, options };
    for (const callback of this.ofInvokes) {
      const request = new TransformInvokeRequest()
        .setToken(token)
        .setArgs(toWire(changed.args))
        .setOptions(changed.options);
      const answer = await this.callbacks.call(callback, request.serializeBinary());
      const response = TransformInvokeResponse.deserializeBinary(answer);
      changed = {
        args: response.hasArgs() ? fromWire(response.getArgs()) : changed.args,
        options: response.getOptions() ?? changed.options,
      };
    }
    return changed;
  }

  private allOf(parent: string, own: readonly Callback.Callback[]): ProgramCallback[] {
    const all = own.map(callbackOf);
    for (let above = this.ofResources.get(parent); above; above = this.ofResources.get(above.parent))
      all.push(...above.own);
    return [...all, ...this.ofStack];
  }

  private async apply(callback: ProgramCallback, resource: Transformed): Promise<Transformed> {
    const { TransformRequest, TransformResponse } = messages.resource;
    const { type, name, custom, parent, properties, options } = resource;
    const request = new TransformRequest()
      .setType(type)
      .setName(name)
      .setCustom(custom)
      .setParent(parent)
      .setProperties(toWire(properties))
      .setOptions(options);
    const answer = await this.callbacks.call(callback, request.serializeBinary());
    const response = TransformResponse.deserializeBinary(answer);
    return {
      ...resource,
      properties: response.hasProperties() ? fromWire(response.getProperties()) : properties,
      options: response.getOptions() ?? options,
    };
  }
}
