import { bundleOfPart } from "../../contract/paths";
import { bundle, pack, unpack } from "../../machine/bundle";
import type { ArchivedFile } from "../../machine/tar";
import { record } from "../../record";
import { loadStack } from "../../record/project";
import type { RecordedResource } from "../../record/recording";
import { Secret, unknownValue, type Properties } from "../../record/values";
import { root } from "../fixtures/declarations";

/** Resources to break: those of the production stack, each copy its own. */
export class Declared {
  constructor(
    public resources: RecordedResource[],
    /** Whether ids and addresses are unknown, as before a first deployment. */
    readonly preview: boolean,
  ) {}

  /** Resources of a type, their names matching. */
  of(type: string, name = /./): RecordedResource[] {
    return this.resources.filter((resource) => resource.type === type && name.test(resource.name));
  }

  /** The one resource of a type and name. */
  the(type: string, name: RegExp): RecordedResource {
    const found = this.of(type, name);
    if (found.length !== 1) throw new Error(`${found.length} resources of ${type} match ${String(name)}`);
    return found[0]!;
  }

  /** Changes inputs of resources, of at least one. */
  edit(
    type: string,
    name: RegExp,
    change: (properties: Properties, resource: RecordedResource) => void,
  ): void {
    const found = this.of(type, name);
    if (found.length === 0) throw new Error(`nothing of ${type} matches ${String(name)}`);
    for (const resource of found) change(resource.inputs, resource);
  }

  /** Changes user data of machines. */
  editUserData(name: RegExp, change: (text: string) => string): void {
    this.edit("aws:ec2/instance:Instance", name, (inputs) => {
      inputs.userData = change(String(inputs.userData));
    });
  }

  /** Changes the programs of all machines. */
  editPrograms(change: (files: ArchivedFile[]) => void): void {
    const parts = this.of(parameter).filter(isPart);
    const files = unpack(parts.map(({ inputs }) => String(inputs.insecureValue)));
    change(files);
    const changed = pack(files);
    const [first] = parts;
    this.remove((resource) => parts.includes(resource));
    changed.parts.forEach((insecureValue, index) =>
      this.add(parameter, `part-${index}`, {
        ...first!.inputs,
        name: `/etcd/prod/bundles/${changed.sha256}/${index}`,
        insecureValue,
      }),
    );
    this.editUserData(/./, (text) => text.replace(bundle().sha256, changed.sha256));
  }

  /** Changes what a component shows, where there are components: a cluster of plain AWS resources has none. */
  editComponent(type: string, name: RegExp, change: (properties: Properties) => void): void {
    for (const { outputs } of this.of(`etcd:index:${type}`, name)) change(outputs);
  }

  remove(gone: (resource: RecordedResource) => boolean): void {
    const before = this.resources.length;
    this.resources = this.resources.filter((resource) => !gone(resource));
    if (this.resources.length === before) throw new Error("nothing to remove");
  }

  /**
   * Adds a resource; ids and ARNs of others are taken with {@link ref}.
   * @param sources resources that properties come from, by property
   */
  add(
    type: string,
    name: string,
    inputs: Properties,
    sources: Record<string, RecordedResource> = {},
  ): RecordedResource {
    const resource: RecordedResource = {
      urn: `urn:pulumi:prod::etcd::${type}::${name}`,
      type,
      name,
      parent: this.resources.find((each) => each.type === "pulumi:pulumi:Stack")!.urn,
      custom: true,
      id: this.preview ? undefined : `${name}-id`,
      inputs,
      outputs: {},
      dependencies: Object.values(sources).map(({ urn }) => urn),
      propertyDependencies: Object.fromEntries(
        Object.entries(sources).map(([property, { urn }]) => [property, [urn]]),
      ),
      options: {},
    };
    this.resources.push(resource);
    return resource;
  }

  /** What another resource's id or ARN is here: unknown in a preview. */
  ref(resource: RecordedResource, output: "id" | "arn" | "name" = "id"): string {
    if (this.preview) return unknownValue;
    return output === "id" ? resource.id! : (resource.outputs[output] as string);
  }

  /** Every resource that belongs to a member, machine and component included. */
  removeMember(member: string): void {
    this.remove(({ name }) => new RegExp(`${member}\\b`).test(name));
    this.editComponent("EtcdCluster", /./, (shown) => {
      shown.members = (shown.members as { name: string }[]).filter(({ name }) => name !== member);
    });
  }
}

const parameter = "aws:ssm/parameter:Parameter";

function isPart({ inputs }: RecordedResource): boolean {
  return typeof inputs.name === "string" && bundleOfPart(inputs.name) !== undefined;
}

/** What no rule reads, most of a stack: keys, requests and parameters, alarms, endpoints. */
const unread = [
  /^tls:index\/(privateKey|certRequest|selfSignedCert):/,
  /^aws:(ssm|cloudwatch)\//,
  /^aws:ec2\/(vpcEndpoint|placementGroup):/,
  /^aws:lb\/targetGroupAttachment:/,
  /^aws:s3\/bucket(LifecycleConfiguration|OwnershipControls):/,
];

export interface Kind {
  components: boolean;
  preview: boolean;
}

export interface Declarations {
  /** A fresh copy of the production stack's resources. */
  fresh(kind: Kind): Declared;
  /** The same without what no rule reads. */
  lean(kind: Kind): Declared;
}

/**
 * Records the production stack, deployed and in preview.
 * @param settings in the place of the stack file's own
 */
export async function declarations(settings: Record<string, string> = {}): Promise<Declarations> {
  const program = loadStack(root, "prod");
  Object.assign(program.config, { "etcd:checksums": JSON.stringify({ amd64: "0".repeat(64) }) }, settings);
  const [deployed, preview] = await Promise.all([record(program), record(program, { preview: true })]);
  const declared = (
    { components, preview: inPreview }: Kind,
    of: (resource: RecordedResource) => boolean,
  ) => {
    const resources = (inPreview ? preview : deployed).resources.filter(of);
    const copied = new Declared((copy(resources) as RecordedResource[]).map(computedOnly), inPreview);
    return components ? copied : plainAws(copied);
  };
  return {
    fresh: (kind) => declared(kind, () => true),
    lean: (kind) => declared(kind, (each) => isPart(each) || !unread.some((type) => type.test(each.type))),
  };
}

/** Without the inputs among the outputs: what a break changes or leaves out must not show through. */
function computedOnly(resource: RecordedResource): RecordedResource {
  if (!resource.custom) return resource;
  const computed = Object.entries(resource.outputs).filter(([name]) => !(name in resource.inputs));
  return { ...resource, outputs: Object.fromEntries(computed) };
}

/** The same cluster as plain AWS resources, as a team would declare it without our components. */
function plainAws(declared: Declared): Declared {
  const stack = declared.resources.find(({ type }) => type === "pulumi:pulumi:Stack")!;
  declared.remove(({ type }) => type.startsWith("etcd:"));
  for (const resource of declared.resources) if (resource !== stack) resource.parent = stack.urn;
  return declared;
}

function copy(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(copy);
  if (value === null || typeof value !== "object" || value instanceof Secret) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, copy(inner)]));
}
