import tlsPackage from "@pulumi/tls/package.json";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import { issue } from "../record/issuer";
import { unary } from "../record/unary";
import { decode, encode, withSecrets } from "../record/values";
import { servePlugin, trusting, typeOf } from "./plugin";
import { messages, services, type Provider } from "../record/sdk";

const { ResourceProviderService } = services.provider;
const proto = messages.provider;

/**
 * Takes the place of @pulumi/tls' provider plugin: a process that speaks Pulumi's provider protocol and lets the
 * recorder's issuer make keys and certificates. It renews none: that is the real provider's job.
 */

function diff(request: Provider.DiffRequest): Provider.DiffResponse {
  const [before, after] = [decode(request.getOldInputs()), decode(request.getNews())];
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  const changed = names.filter((name) => JSON.stringify(before[name]) !== JSON.stringify(after[name]));
  const { DIFF_SOME, DIFF_NONE } = proto.DiffResponse.DiffChanges;
  return (
    new proto.DiffResponse()
      .setChanges(changed.length > 0 ? DIFF_SOME : DIFF_NONE)
      .setDiffsList(changed)
      // The time of renewal is the one input that is in no certificate.
      .setReplacesList(changed.filter((name) => name !== "earlyRenewalHours"))
  );
}

async function create(request: Provider.CreateRequest): Promise<Provider.CreateResponse> {
  const { id, outputs, secretOutputs } = await issue(typeOf(request), decode(request.getProperties()));
  const kept = withSecrets(outputs, (name) => secretOutputs.includes(name));
  return new proto.CreateResponse().setId(id).setProperties(encode(kept));
}

function update(request: Provider.UpdateRequest): Provider.UpdateResponse {
  const outputs = { ...decode(request.getOlds()), ...decode(request.getNews()) };
  return new proto.UpdateResponse().setProperties(encode(outputs));
}

void servePlugin(ResourceProviderService, {
  getPluginInfo: unary(() => new messages.plugin.PluginInfo().setVersion(tlsPackage.version)),
  ...trusting,
  configure: unary(() => new proto.ConfigureResponse()),
  diff: unary(diff),
  create: unary(create),
  update: unary(update),
  delete: unary(() => new Empty()),
});
