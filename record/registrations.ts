import { stackType, urnOf, type StackName } from "./aliases";
import { inherit, packageOf, recordedOptions, transformableOptions } from "./options";
import { asOutputs, dependenciesOf, withDependencies } from "./outputs";
import type { RecordedResource } from "./recording";
import { named, Refusal } from "./refusal";
import type { Resource } from "./sdk";
import type { Transforms } from "./transforms";
import { decodeWire, fromWire, type Properties } from "./values";

type Request = Resource.RegisterResourceRequest;
type Options = Resource.TransformResourceOptions;

/**
 * What a program registers, as the engine understands it: with what a resource inherits from its parents, and after the
 * program's transforms
 * (https://github.com/pulumi/pulumi/blob/master/pkg/resource/deploy/source_eval.go, RegisterResource).
 */
export class Registrations {
  private readonly urns = new Set<string>();
  private readonly options = new Map<string, Options>();
  /** Providers that components pass on to their children, by package. */
  private readonly handedOn = new Map<string, Map<string, string>>();

  constructor(
    private readonly at: StackName,
    private readonly transforms: Transforms,
  ) {}

  /**
   * @throws Refusal for what only the engine can make; Error for a duplicate URN, and for what the program's transforms
   * throw
   */
  async take(request: Request): Promise<RecordedResource> {
    const [type, name, parent] = [request.getType(), request.getName(), request.getParent()];
    const custom = request.getCustom();
    refuseUnknowable(request);
    const urn = urnOf(this.at, type, name, parent);
    if (this.urns.has(urn)) throw new Error(`Duplicate resource URN '${urn}'; try giving it a unique name`);
    this.urns.add(urn);
    const above = this.options.get(parent);
    if (above !== undefined) inherit(request, above);

    const declared = {
      properties: fromWire(request.getObject()),
      options: transformableOptions(request, this.providerOf(request)),
    };
    const { properties, options, ...needed } = await this.transformed(request, declared);
    this.options.set(urn, options);
    this.transforms.keep(urn, parent, request.getTransformsList());
    if (!custom) this.handOn(urn, parent, options);
    return {
      urn,
      type,
      name,
      parent: parent || undefined,
      custom,
      inputs: decodeWire(properties),
      outputs: {},
      ...needed,
      options: recordedOptions(request, options, { parent, at: this.at }),
    };
  }

  private providerOf(request: Request): string {
    if (!request.getCustom()) return "";
    const handedOn = this.handedOn.get(request.getParent());
    return request.getProvider() || (handedOn?.get(packageOf(request.getType())) ?? "");
  }

  private handOn(urn: string, parent: string, options: Options): void {
    const own = options.getProvidersMap().toArray();
    this.handedOn.set(urn, new Map([...(this.handedOn.get(parent) ?? []), ...own]));
  }

  /** A registration after its transforms, with its dependencies at that point. */
  private async transformed(
    request: Request,
    declared: { properties: Properties; options: Options },
  ): Promise<typeof declared & Pick<RecordedResource, "dependencies" | "propertyDependencies">> {
    const own = request.getTransformsList();
    const parent = request.getParent();
    const before = propertyDependencies(request);
    if (!this.transforms.concern(parent, own))
      return { ...declared, dependencies: request.getDependenciesList(), propertyDependencies: before };
    const wire = asOutputs(declared.properties);
    const { properties, options } = await this.transforms.change(
      {
        ...{ type: request.getType(), name: request.getName(), custom: request.getCustom(), parent },
        ...{ options: declared.options, properties: own.length > 0 ? withDependencies(wire, before) : wire },
      },
      own,
    );
    const inside = Object.entries(properties).map(([key, value]): [string, string[]] => [
      key,
      [...dependenciesOf(value)],
    ]);
    // The engine does the same: it reads dependencies again only if the resource has transforms of its own.
    if (own.length > 0) {
      const all = new Set([...options.getDependsOnList(), ...inside.flatMap(([, urns]) => urns)]);
      return { properties, options, dependencies: [...all], propertyDependencies: nonEmpty(inside) };
    }
    const both = new Map(Object.entries(before));
    for (const [key, urns] of inside) both.set(key, [...new Set([...(both.get(key) ?? []), ...urns])]);
    const dependencies = request.getDependenciesList();
    return { properties, options, dependencies, propertyDependencies: nonEmpty([...both]) };
  }
}

/** Refuses properties of a resource that only the engine, with its plugins and its state, can know. */
function refuseUnknowable(request: Request): void {
  const type = request.getType();
  const subject = named({ type, name: request.getName() });
  if (request.getRemote())
    throw new Refusal(
      subject,
      "is a component of a provider, which alone knows what it is made of",
      "declare it in a stack of its own",
    );
  if (packageOf(type) === "pulumi" && type !== stackType)
    throw new Refusal(
      subject,
      "keeps its value in the stack's state, which a recording does not have",
      "declare it in a stack of its own, and pass the value as a setting",
    );
}

function propertyDependencies(request: Request): Record<string, string[]> {
  const found: [string, string[]][] = [];
  request
    .getPropertydependenciesMap()
    .forEach((dependencies: Resource.RegisterResourceRequest.PropertyDependencies, key: string) =>
      found.push([key, dependencies.getUrnsList()]),
    );
  return nonEmpty(found);
}

function nonEmpty(dependencies: readonly [string, string[]][]): Record<string, string[]> {
  return Object.fromEntries(dependencies.filter(([, urns]) => urns.length > 0));
}
