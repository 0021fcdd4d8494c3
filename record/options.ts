import { aliasUrns, type StackName } from "./aliases";
import type { ResourceOptions } from "./recording";
import { messages, type Resource } from "./sdk";
import { decodeWire } from "./values";

type Request = Resource.RegisterResourceRequest;
type Options = Resource.TransformResourceOptions;

/** A registration's options in the form that the engine passes to transforms. */
export function transformableOptions(request: Request, provider: string): Options {
  const options = new messages.resource.TransformResourceOptions()
    .setImport(request.getImportid())
    .setDependsOnList(request.getDependenciesList())
    .setIgnoreChangesList(request.getIgnorechangesList())
    .setReplaceOnChangesList(request.getReplaceonchangesList())
    .setReplacementTrigger(request.getReplacementTrigger())
    .setVersion(request.getVersion())
    .setAliasesList(request.getAliasesList())
    .setProvider(provider)
    .setHideDiffList(request.getHidediffsList())
    .setCustomTimeouts(request.getCustomtimeouts())
    .setPluginDownloadUrl(request.getPlugindownloadurl())
    .setDeletedWith(request.getDeletedwith())
    .setReplaceWithList(request.getReplaceWithList())
    .setAdditionalSecretOutputsList(request.getAdditionalsecretoutputsList())
    .setHooks(request.getHooks());
  if (request.hasProtect()) options.setProtect(request.getProtect()!);
  if (request.hasRetainondelete()) options.setRetainOnDelete(request.getRetainondelete()!);
  if (request.getDeletebeforereplacedefined() || request.getDeletebeforereplace())
    options.setDeleteBeforeReplace(request.getDeletebeforereplace());
  for (const [name, reference] of request.getProvidersMap().toArray())
    options.getProvidersMap().set(name, reference);
  return options;
}

/** Lets a registration inherit from its parent what it does not set itself, as the engine does. */
export function inherit(request: Request, parent: Options): void {
  if (request.getDeletedwith() === "") request.setDeletedwith(parent.getDeletedWith());
  if (!request.hasProtect() && parent.hasProtect()) request.setProtect(parent.getProtect()!);
  if (!request.hasRetainondelete() && parent.hasRetainOnDelete())
    request.setRetainondelete(parent.getRetainOnDelete()!);
  const isOfPackage = packageOfProvider(parent.getProvider()) === packageOf(request.getType());
  if (request.getProvider() === "" && isOfPackage) request.setProvider(parent.getProvider());
}

/** Options that differ from Pulumi's defaults. */
export function recordedOptions(
  request: Request,
  options: Options,
  { parent, at }: { parent: string; at: StackName },
): ResourceOptions {
  const hooks = options.getHooks();
  const moments = {
    beforeCreate: hooks?.getBeforeCreateList(),
    afterCreate: hooks?.getAfterCreateList(),
    beforeUpdate: hooks?.getBeforeUpdateList(),
    afterUpdate: hooks?.getAfterUpdateList(),
    beforeDelete: hooks?.getBeforeDeleteList(),
    afterDelete: hooks?.getAfterDeleteList(),
    onError: hooks?.getOnErrorList(),
  };
  const timeouts = options.getCustomTimeouts();
  const resource = { type: request.getType(), name: request.getName(), parent };
  const trigger = options.getReplacementTrigger()?.toJavaScript();
  return {
    ...present({
      protect: options.getProtect(),
      retainOnDelete: options.getRetainOnDelete(),
      deletedWith: options.getDeletedWith(),
      ignoreChanges: options.getIgnoreChangesList(),
      replaceOnChanges: options.getReplaceOnChangesList(),
      replaceWith: options.getReplaceWithList(),
      replacementTrigger: trigger == null ? undefined : decodeWire({ trigger }).trigger,
      hideDiffs: options.getHideDiffList(),
      aliases: aliasUrns(options.getAliasesList(), resource, at),
      import: options.getImport(),
      additionalSecretOutputs: options.getAdditionalSecretOutputsList(),
      customTimeouts: present({
        create: timeouts?.getCreate(),
        update: timeouts?.getUpdate(),
        delete: timeouts?.getDelete(),
        read: timeouts?.getRead(),
      }),
      provider: request.getCustom() ? urnOfProvider(options.getProvider()) : undefined,
      version: options.getVersion(),
      pluginDownloadURL: options.getPluginDownloadUrl(),
      envVarMappings: Object.fromEntries(request.getEnvvarmappingsMap().toArray()),
      hooks: present(moments),
    }),
    // An explicit "do not delete first" overrules the provider.
    ...(options.hasDeleteBeforeReplace() ? { deleteBeforeReplace: options.getDeleteBeforeReplace() } : {}),
  };
}

/** The package of a type token, or of a provider's. */
export function packageOf(type: string): string {
  const [name, , provided] = type.split(":") as [string, string?, string?];
  return type.startsWith("pulumi:providers:") ? provided! : name;
}

/** The package whose resources a provider makes, from a reference to it; empty for none. */
export function packageOfProvider(reference: string): string {
  return packageOf(reference.split("::")[2] ?? "");
}

/** A reference to a provider is its URN and its id. We make up the id, so only the URN comes from the program. */
export function urnOfProvider(reference: string): string {
  return reference.split("::").slice(0, 4).join("::");
}

/** Removes what is undefined, false or empty. */
function present<T extends object>(object: T): Partial<T> {
  const empty = (value: unknown) =>
    value === undefined ||
    value === false ||
    value === "" ||
    (typeof value === "object" && value !== null && Object.keys(value).length === 0);
  return Object.fromEntries(Object.entries(object).filter(([, value]) => !empty(value))) as Partial<T>;
}
