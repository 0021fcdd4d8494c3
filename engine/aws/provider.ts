import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import awsPackage from "@pulumi/aws/package.json";
import { awsAnswer, awsInvoke } from "../../record/awsAnswers";
import { unary } from "../../record/unary";
import { decode, encode, unknownValue } from "../../record/values";
import { observerVariable } from "../observer";
import { servePlugin, trusting, typeOf } from "../plugin";
import { problems } from "./arguments";
import { Cloud } from "./cloud";
import { deletedBeforeReplace, differences, rulesOf } from "./types";
import { messages, services, type Provider } from "../../record/sdk";

const { ResourceProviderService } = services.provider;
const proto = messages.provider;

/**
 * Takes the place of @pulumi/aws' provider plugin: a process that speaks Pulumi's provider protocol and asks no
 * cloud. It keeps what it makes in a directory (`ETCD_STAND_IN_AWS`).
 */

const directory = process.env.ETCD_STAND_IN_AWS;
if (directory === undefined)
  throw new Error("ETCD_STAND_IN_AWS: names the directory that resources are kept in");

let region = "";
let cloud: Cloud;

function configure(request: Provider.ConfigureRequest): Provider.ConfigureResponse {
  const given = decode(request.getArgs()).region ?? request.getVariablesMap().get("aws:config:region");
  region = typeof given === "string" ? given : "";
  if (region === "") throw new Error("region: missing required configuration");
  cloud = new Cloud(directory!, region, process.env[observerVariable]);
  // It marks no secrets itself: the engine keeps those of the inputs, by name.
  return new proto.ConfigureResponse().setSupportspreview(true);
}

function check(request: Provider.CheckRequest): Provider.CheckResponse {
  const failures = problems(typeOf(request), decode(request.getNews())).map(({ property, reason }) =>
    new proto.CheckFailure().setProperty(property).setReason(reason),
  );
  return new proto.CheckResponse().setInputs(request.getNews()).setFailuresList(failures);
}

function diff(request: Provider.DiffRequest): Provider.DiffResponse {
  const before = decode(request.getOldInputs());
  const after = decode(request.getNews());
  const changed = differences(typeOf(request), before, after);
  const replaces = [...changed].filter(([, replaced]) => replaced).map(([name]) => name);
  const { DIFF_SOME, DIFF_NONE } = proto.DiffResponse.DiffChanges;
  const { UPDATE, UPDATE_REPLACE } = proto.PropertyDiff.Kind;
  const response = new proto.DiffResponse()
    .setChanges(changed.size > 0 ? DIFF_SOME : DIFF_NONE)
    .setDiffsList([...changed.keys()])
    .setReplacesList(replaces)
    .setDeletebeforereplace(replaces.length > 0 && deletedBeforeReplace(before, after))
    .setHasdetaileddiff(true);
  for (const [name, replaced] of changed) {
    const kind = replaced ? UPDATE_REPLACE : UPDATE;
    response.getDetaileddiffMap().set(name, new proto.PropertyDiff().setKind(kind).setInputdiff(true));
  }
  return response;
}

async function create(request: Provider.CreateRequest): Promise<Provider.CreateResponse> {
  const [type, urn, inputs] = [typeOf(request), request.getUrn(), decode(request.getProperties())];
  rulesOf(type);
  if (request.getPreview()) {
    const computed = Object.keys(awsAnswer(type, "", region, inputs).outputs).filter(
      (name) => !(name in inputs),
    );
    const outputs = { ...inputs, ...Object.fromEntries(computed.map((name) => [name, unknownValue])) };
    return new proto.CreateResponse().setProperties(encode(outputs));
  }
  const { id, outputs } = await cloud.create(type, urn, inputs);
  return new proto.CreateResponse().setId(id).setProperties(encode(outputs));
}

async function update(request: Provider.UpdateRequest): Promise<Provider.UpdateResponse> {
  const inputs = decode(request.getNews());
  const outputs = request.getPreview()
    ? { ...decode(request.getOlds()), ...inputs }
    : (await cloud.update(typeOf(request), request.getId(), inputs)).outputs;
  return new proto.UpdateResponse().setProperties(encode(outputs));
}

function read(request: Provider.ReadRequest): Provider.ReadResponse {
  const kept = cloud.read(typeOf(request), request.getId());
  // No id means that it is gone.
  if (kept === undefined) return new proto.ReadResponse();
  const { id, inputs, outputs } = kept;
  return new proto.ReadResponse().setId(id).setInputs(encode(inputs)).setProperties(encode(outputs));
}

function invoke(request: Provider.InvokeRequest): Provider.InvokeResponse {
  const given = decode(request.getArgs()).region;
  const answer = awsInvoke(request.getTok(), typeof given === "string" ? given : region);
  if (answer === undefined) throw new Error(`${request.getTok()}: the stand-in has no answer`);
  return new proto.InvokeResponse().setReturn(encode(answer));
}

void servePlugin(ResourceProviderService, {
  getPluginInfo: unary(() => new messages.plugin.PluginInfo().setVersion(awsPackage.version)),
  checkConfig: trusting.checkConfig!,
  configure: unary(configure),
  check: unary(check),
  diff: unary(diff),
  create: unary(create),
  update: unary(update),
  read: unary(read),
  delete: unary(async (request: Provider.DeleteRequest) => {
    await cloud.delete(typeOf(request), request.getId(), decode(request.getProperties()));
    return new Empty();
  }),
  invoke: unary(invoke),
  cancel: unary(() => new Empty()),
});
