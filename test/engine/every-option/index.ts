import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";

/**
 * One resource for each option and each kind of transform: what the recorder drops or understands otherwise than
 * the engine shows in the comparison of both.
 */

const parameter = (
  name: string,
  args: Partial<aws.ssm.ParameterArgs> = {},
  opts?: pulumi.CustomResourceOptions,
) => new aws.ssm.Parameter(name, { name: `/${name}`, type: "String", value: "plain", ...args }, opts);

/** A component with a child, which takes over what its parent is given. */
class Group extends pulumi.ComponentResource {
  readonly child: aws.ssm.Parameter;
  constructor(name: string, opts?: pulumi.ComponentResourceOptions) {
    super("every:index:Group", name, { name }, opts);
    this.child = parameter(`${name}-child`, {}, { parent: this });
    this.registerOutputs({ child: this.child.name });
  }
}

// The stack's transforms come last, and change what others have changed.
pulumi.runtime.registerResourceTransform(({ type, name, props, opts }) =>
  type === "aws:ssm/parameter:Parameter" && name.startsWith("transformed")
    ? {
        props: { ...props, tags: { ...(props.tags as object), "by-stack": "true" } },
        opts: pulumi.mergeOptions(opts, { protect: true }),
      }
    : undefined,
);
// The old kind runs in the program.
pulumi.runtime.registerStackTransformation(({ type, props, opts }) =>
  type === "aws:kms/key:Key" ? { props: { ...(props as object), enableKeyRotation: true }, opts } : undefined,
);
pulumi.runtime.registerInvokeTransform(({ args, opts }) => ({
  args: { ...args, region: "eu-west-1" },
  opts,
}));

const key = new aws.kms.Key("key", { description: "known" });
const base = parameter("base");

parameter("secret", { value: pulumi.secret("hidden"), tags: { inner: pulumi.secret("hidden too") } });
parameter("unknown", { value: key.arn, keyId: key.id, description: pulumi.interpolate`of ${base.name}` });
parameter("depends", {}, { dependsOn: [key, base] });

parameter("protected", {}, { protect: true, retainOnDelete: true });
parameter("deleted-first", {}, { deleteBeforeReplace: true });
parameter("deleted-last", {}, { deleteBeforeReplace: false });
parameter("deleted-with", {}, { deletedWith: base });
parameter("ignoring", {}, { ignoreChanges: ["value", "tags.owner"], hideDiffs: ["description"] });
parameter("replacing", {}, { replaceOnChanges: ["type"], replaceWith: [base], replacementTrigger: "one" });
parameter("patient", {}, { customTimeouts: { create: "5m", update: "1h30m", delete: "45s" } });
parameter("hiding", {}, { additionalSecretOutputs: ["arn"] });
parameter("versioned", {}, { version: "7.48.0" });
parameter(
  "hooked",
  {},
  {
    hooks: {
      beforeDelete: [new pulumi.ResourceHook("before-delete", () => undefined)],
      afterCreate: [() => undefined],
      onError: [new pulumi.ErrorHook("on-error", () => false)],
    },
  },
);

const old = new Group("group-before");
parameter(
  "renamed",
  {},
  {
    aliases: [
      { name: "older" },
      { type: "aws:ssm/older:Older" },
      { parent: old },
      { parent: pulumi.rootStackResource, name: "oldest", stack: "elsewhere", project: "other" },
      "urn:pulumi:test::every-option::aws:ssm/parameter:Parameter::by-urn",
    ],
  },
);
new Group("group-renamed", { aliases: [{ name: "group-old" }] });
parameter("moved", {}, { parent: new Group("group-after"), aliases: [{ parent: undefined }] });

const elsewhere = new aws.Provider("elsewhere", { region: "us-east-1" });
parameter("by-provider", {}, { provider: elsewhere });
new Group("group-by-provider", { providers: [elsewhere] });
new Group("group-guarded", { protect: true, retainOnDelete: true, deletedWith: base });

parameter(
  "transformed",
  { tags: { own: "true" } },
  {
    transforms: [
      async ({ props, opts }) => {
        await Promise.resolve();
        return {
          props: { ...props, description: "by its own", value: key.arn },
          opts: { ...opts, dependsOn: [base], ignoreChanges: ["value"], aliases: [{ name: "by-transform" }] },
        };
      },
    ],
  },
);
// One that leaves the resource as it is still has the engine read its dependencies anew.
parameter("transformed-not", { value: key.arn }, { dependsOn: [base], transforms: [() => undefined] });
new Group("group-transforming", {
  transforms: [
    ({ custom, props, opts }) =>
      custom
        ? {
            props: { ...props, description: "by its parent", value: pulumi.secret("hidden by its parent") },
            opts: pulumi.mergeOptions(opts, { retainOnDelete: true, dependsOn: [base], version: "7.48.0" }),
          }
        : { props: { ...props, more: true }, opts: { ...opts, deletedWith: base } },
  ],
});
new Group("group-old-transforming", {
  transformations: [
    ({ props, opts }) => ({ props: { ...(props as object), description: "the old way" }, opts }),
  ],
});

export const region = aws.getRegionOutput().region;
export const regionElsewhere = aws.getRegionOutput({}, { provider: elsewhere }).region;
export const hidden = pulumi.secret("hidden");
export const arn = key.arn;
