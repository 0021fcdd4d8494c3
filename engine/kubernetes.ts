import kubernetesPackage from "@pulumi/kubernetes/package.json";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import { run } from "../tools/run";
import { unary } from "../record/unary";
import { decode, encode, type Properties } from "../record/values";
import { servePlugin, trusting } from "./plugin";
import { messages, services, type Provider } from "../record/sdk";

const { ResourceProviderService } = services.provider;
const proto = messages.provider;

/**
 * Takes the place of @pulumi/kubernetes' provider plugin: a process that speaks Pulumi's provider protocol. It runs
 * server-side apply with kubectl, found on PATH; the real provider does that itself. It does not wait for anything to
 * become ready, and changes objects in place.
 */

let kubeconfig = "";

function configure(request: Provider.ConfigureRequest): Provider.ConfigureResponse {
  kubeconfig = String(decode(request.getArgs()).kubeconfig);
  // It marks no secrets itself: the engine keeps those of the inputs, by name.
  return new proto.ConfigureResponse().setSupportspreview(true);
}

function diff(request: Provider.DiffRequest): Provider.DiffResponse {
  const [before, after] = [decode(request.getOldInputs()), decode(request.getNews())];
  const isSame = JSON.stringify(before) === JSON.stringify(after);
  const { DIFF_SOME, DIFF_NONE } = proto.DiffResponse.DiffChanges;
  return new proto.DiffResponse().setChanges(isSame ? DIFF_NONE : DIFF_SOME);
}

async function create(request: Provider.CreateRequest): Promise<Provider.CreateResponse> {
  const inputs = decode(request.getProperties());
  const response = new proto.CreateResponse().setProperties(encode(inputs));
  if (request.getPreview()) return response;
  await apply(inputs);
  const { kind, metadata } = inputs as { kind: string; metadata: { name: string; namespace?: string } };
  return response.setId([kind, metadata.namespace ?? "", metadata.name].join("/"));
}

async function update(request: Provider.UpdateRequest): Promise<Provider.UpdateResponse> {
  const inputs = decode(request.getNews());
  if (!request.getPreview()) await apply(inputs);
  return new proto.UpdateResponse().setProperties(encode(inputs));
}

async function remove(request: Provider.DeleteRequest): Promise<Empty> {
  const [kind, namespace, name] = request.getId().split("/") as [string, string, string];
  const options = ["--ignore-not-found", ...(namespace && [`--namespace=${namespace}`])];
  await kubectl(["delete", kind, name, ...options]);
  return new Empty();
}

async function apply(object: Properties): Promise<void> {
  const options = ["--server-side", "--field-manager=pulumi-kubernetes", "--filename=-"];
  await kubectl(["apply", ...options], JSON.stringify(object));
}

/** @throws CommandFailed with what kubectl says */
async function kubectl(args: readonly string[], input?: string): Promise<void> {
  await run("kubectl", ["--kubeconfig", kubeconfig, ...args], { input });
}

void servePlugin(ResourceProviderService, {
  getPluginInfo: unary(() => new messages.plugin.PluginInfo().setVersion(kubernetesPackage.version)),
  ...trusting,
  configure: unary(configure),
  diff: unary(diff),
  create: unary(create),
  update: unary(update),
  delete: unary(remove),
});
