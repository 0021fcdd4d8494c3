import type { RecordedResource, Recording } from "../../record/recording";
import { Secret } from "../../record/values";
import { recordProgram } from "../fixtures/program";

/** One resource for each option; what the engine makes of them is held against it in test/engine. */
const program = `
class Part extends pulumi.CustomResource {
  declare readonly x: pulumi.Output<unknown>;
  constructor(name: string, props: object = {}, opts: pulumi.CustomResourceOptions = {}) {
    super("small:index:Part", name, { x: 1, ...props }, opts);
  }
}
class Group extends pulumi.ComponentResource {
  constructor(name: string, opts: pulumi.ComponentResourceOptions = {}) {
    super("small:index:Group", name, {}, opts);
    new Part(name + "-child", {}, { parent: this });
  }
}
pulumi.runtime.registerStackTransform(({ name, props, opts }) =>
  name.startsWith("transformed") ? { props: { ...props, stack: true }, opts } : undefined);
pulumi.runtime.registerResourceTransform(({ name, props, opts }) =>
  name.startsWith("transformed") ? { props, opts: { ...opts, protect: true } } : undefined);
pulumi.runtime.registerStackTransformation(({ name, props, opts }) =>
  name === "transformation" ? { props: { ...(props as object), old: true }, opts } : undefined);
pulumi.runtime.registerInvokeTransform(({ args, opts }) => ({ args: { ...args, region: args.region ?? "eu-west-1" }, opts }));

const base = new Part("base");
new Part("transformed", {}, { transforms: [({ props, opts }) => ({
  props: { ...props, own: true, secret: pulumi.secret("hidden") },
  opts: pulumi.mergeOptions(opts, { dependsOn: base, aliases: [{ name: "by-transform" }] }),
})] });
new Part("untouched", { x: base.id }, { transforms: [() => undefined] });
new Group("transforming", { transforms: [({ type, props, opts }) =>
  type === "small:index:Part" ? { props: { ...props, parent: true }, opts } : undefined] });
new Part("transformation");
new Part("aliases", {}, { parent: base, aliases: [
  { name: "older" }, { type: "small:index:Old" }, { parent: pulumi.rootStackResource },
  { name: "far", stack: "other", project: "elsewhere", parent: undefined },
  "urn:pulumi:test::small::small:index:Part::by-urn",
] });
new Part("changes", {}, { ignoreChanges: ["x"], replaceOnChanges: ["y"], hideDiffs: ["z"] });
new Part("with", {}, { deletedWith: base, replaceWith: [base], replacementTrigger: "one" });
new Part("timeouts", {}, { customTimeouts: { create: "5m", delete: "45s" } });
new Part("secret-outputs", {}, { additionalSecretOutputs: ["x"] });
new Part("import", {}, { import: "id-1" });
new Part("version", {}, { version: "1.2.3", pluginDownloadURL: "https://example.org" });
new Part("first", {}, { deleteBeforeReplace: true });
new Part("last", {}, { deleteBeforeReplace: false });
new Part("hooked", {}, { hooks: { onError: [new pulumi.ErrorHook("retry", () => true)] } });
const provider = new pulumi.ProviderResource("small", "by-hand", {}, { envVarMappings: { TOKEN: "SMALL_TOKEN" } });
new Part("provider", {}, { provider });
new Group("providers", { providers: [provider] });
new Group("guarded", { protect: true, retainOnDelete: true, deletedWith: base });

const aws = new pulumi.ProviderResource("aws", "elsewhere", { region: "us-east-1" });
const region = (args: object, opts?: pulumi.InvokeOptions) =>
  pulumi.output(pulumi.runtime.invoke("aws:index/getRegion:getRegion", args, opts)).apply(({ region }) => region);
export const transformedRegion = region({});
export const ownRegion = region({ region: "eu-north-1" }, { provider: aws });
const bucketArn = (name: string, args: object, provider?: pulumi.ProviderResource) => {
  class Queue extends pulumi.CustomResource {
    declare readonly arn: pulumi.Output<string>;
    constructor() { super("aws:sqs/queue:Queue", name, { arn: undefined, ...args }, { provider }); }
  }
  return new Queue().arn;
};
export const queues = [bucketArn("here", {}), bucketArn("there", {}, aws), bucketArn("own", { region: "eu-north-1" })];
class Again extends pulumi.CustomResource {
  declare readonly x: pulumi.Output<unknown>;
  constructor(urn: string) { super("small:index:Part", "base", { x: undefined }, { urn }); }
}
export const again = base.urn.apply((urn) => new Again(urn).x);
`;

let recording: Recording;
beforeAll(async () => {
  recording = await recordProgram(program);
});

const urn = (name: string, chain = "small:index:Part") => `urn:pulumi:test::small::${chain}::${name}`;
const resource = (name: string): RecordedResource => recording.resources.find((each) => each.name === name)!;

test("transforms change a resource: its own first, then its parents', then the stack's", () => {
  const { inputs, options, dependencies } = resource("transformed");
  expect(inputs).toMatchObject({ x: 1, own: true, stack: true });
  expect((inputs.secret as Secret).reveal()).toBe("hidden");
  expect(options).toMatchObject({ protect: true, aliases: [urn("by-transform")] });
  expect(dependencies).toEqual([urn("base")]);
  expect(resource("transforming-child").inputs).toEqual({ x: 1, parent: true });
});

test("a transform that changes nothing leaves a resource its inputs and what they depend on", () => {
  expect(resource("untouched")).toMatchObject({
    inputs: { x: "base" },
    dependencies: [urn("base")],
    propertyDependencies: { x: [urn("base")] },
  });
});

test("transformations, the old kind, change a resource", () => {
  expect(resource("transformation").inputs).toEqual({ x: 1, old: true });
});

test("transforms of functions change what a provider is asked", () => {
  expect(recording.outputs).toMatchObject({ transformedRegion: "eu-west-1", ownRegion: "eu-north-1" });
});

test("aliases are URNs, by what they name and by what the resource is", () => {
  expect(resource("aliases").options.aliases).toEqual([
    urn("older", "small:index:Part$small:index:Part"),
    urn("aliases", "small:index:Part$small:index:Old"),
    urn("aliases"),
    "urn:pulumi:other::elsewhere::small:index:Part::far",
    urn("by-urn"),
  ]);
});

test.each<[string, RecordedResource["options"]]>([
  ["changes", { ignoreChanges: ["x"], replaceOnChanges: ["y"], hideDiffs: ["z"] }],
  ["with", { deletedWith: urn("base"), replaceWith: [urn("base")], replacementTrigger: "one" }],
  ["timeouts", { customTimeouts: { create: "5m", delete: "45s" } }],
  ["version", { version: "1.2.3", pluginDownloadURL: "https://example.org" }],
  ["first", { deleteBeforeReplace: true }],
  ["last", { deleteBeforeReplace: false }],
  ["hooked", { hooks: { onError: ["retry"] } }],
  ["provider", { provider: urn("by-hand", "pulumi:providers:small") }],
  ["providers-child", { provider: urn("by-hand", "pulumi:providers:small") }],
])("options are kept: %s", (name, options) => {
  expect(resource(name).options).toEqual(options);
});

test("environment variables of a provider are kept", () => {
  const providers = recording.resources.filter(({ type }) => type === "pulumi:providers:small");
  expect(providers.map(({ options }) => options)).toEqual([{ envVarMappings: { TOKEN: "SMALL_TOKEN" } }]);
});

test("additional secret outputs are secrets", () => {
  const { options, outputs } = resource("secret-outputs");
  expect(options.additionalSecretOutputs).toEqual(["x"]);
  expect((outputs.x as Secret).reveal()).toBe(1);
});

test("an imported resource has the id of what exists", () => {
  const { options, id } = resource("import");
  expect([options.import, id]).toEqual(["id-1", "id-1"]);
});

test("a child has its parent's protect, retainOnDelete and deletedWith", () => {
  const options = { protect: true, retainOnDelete: true, deletedWith: urn("base") };
  expect([resource("guarded").options, resource("guarded-child").options]).toEqual([options, options]);
});

test("AWS answers from the region of the resource, else of its provider, else of the stack", () => {
  const arns = recording.outputs.queues as string[];
  expect(arns.map((arn) => arn.split(":")[3])).toEqual(["eu-central-1", "us-east-1", "eu-north-1"]);
});

test("a resource of the same program is found by its URN", () => {
  expect(recording.outputs.again).toBe(1);
});
