import { existsSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import ts from "typescript";
import * as sdk from "../../record/sdk";
import { outputOf, toWire, unknownValue } from "../../record/values";
import { root } from "../fixtures/declarations";

/** What to do where a test here fails after the SDK has moved. */
const after = `@pulumi/pulumi is ${sdk.installedVersion()}, record/sdk.ts was held to ${sdk.heldTo}`;

/** Fails with what is gone and where it is used. */
function missing(problems: readonly string[]): void {
  expect(problems.map((problem) => `${after}: ${problem}`)).toEqual([]);
}

test("the SDK is the one that its private parts were held to", () => {
  const next =
    "mend what the other tests here and test/engine/recording.engine.ts name, then change `heldTo`";
  expect(sdk.installedVersion() === sdk.heldTo ? "" : `${after}: ${next}`).toBe("");
});

/** Calls of each service that we answer or make. */
const calls: [name: string, service: () => object, calls: string[]][] = [
  [
    "ResourceMonitor",
    () => sdk.services.resourceMonitor.ResourceMonitorService,
    [
      ...["getDeploymentInfo", "supportsFeature", "invoke", "call", "readResource"],
      ...["registerResource", "registerResourceOutputs", "registerStackTransform"],
      ...["registerStackInvokeTransform", "registerResourceHook", "registerErrorHook"],
      ...["registerPackage", "signalAndWaitForShutdown"],
    ],
  ],
  [
    "Engine",
    () => sdk.services.engine.EngineService,
    // A debugger is the language host's affair.
    ["log", "getRootResource", "setRootResource", "startDebugging", "requirePulumiVersion"],
  ],
];

test.each(calls)("%s has the calls that the recorder knows, and no others", (name, service, known) => {
  const now = Object.keys(service());
  missing([
    ...known.filter((call) => !now.includes(call)).map((call) => `${name} has no ${call} any more`),
    ...now
      .filter((call) => !known.includes(call))
      .map(
        (call) => `${name} has a new call, ${call}: have record/recorder.ts answer it or refuse it by name`,
      ),
  ]);
});

/** Calls that are made or answered elsewhere: what else a service has does not matter. */
const used: [name: string, service: () => object, calls: string[]][] = [
  ["Callbacks", () => sdk.services.callbacks.CallbacksService, ["invoke"]],
  ["Analyzer", () => sdk.services.analyzer.AnalyzerService, ["getAnalyzerInfo", "configure", "analyzeStack"]],
  [
    "LanguageRuntime",
    () => sdk.services.language.LanguageRuntimeService,
    [
      ...["getPluginInfo", "about", "getRequiredPackages", "getProgramDependencies", "runtimeOptionsPrompts"],
      ...["installDependencies", "run", "runPlugin", "cancel"],
    ],
  ],
  [
    "ResourceProvider",
    () => sdk.services.provider.ResourceProviderService,
    [
      ...["getPluginInfo", "checkConfig", "configure", "check", "diff", "create", "update", "delete"],
      ...["read", "invoke", "cancel"],
    ],
  ],
];

test.each(used)("%s has the calls that are used here", (name, service, known) => {
  const now = service();
  missing(known.filter((call) => !(call in now)).map((call) => `${name} has no ${call} any more`));
});

/** Fields of a registration: each is recorded, handed to transforms or of no account, see record/options.ts. */
const fields = [
  ...["type", "name", "parent", "custom", "object", "protect", "dependencies", "provider"],
  ...["propertydependencies", "deletebeforereplace", "deletebeforereplacedefined", "ignorechanges"],
  ...["additionalsecretoutputs", "aliases", "importid", "customtimeouts", "remote", "providers"],
  ...["replaceonchanges", "plugindownloadurl", "retainondelete", "deletedwith", "replaceWith"],
  ...["replacementTrigger", "transforms", "hooks", "hidediffs", "envvarmappings", "version"],
  // What the SDK understands of an answer, and where in the source a resource stands.
  ...["acceptsecrets", "acceptresources", "supportspartialvalues", "supportsresultreporting", "aliasspecs"],
  ...["sourceposition", "stacktrace", "parentstacktracehandle"],
  // The list of URNs was for engines that know no alias specs; a package is refused when it is registered.
  ...["aliasurns", "pluginchecksums", "packageref"],
];

test("a registration has the fields that the recorder knows, and no others", () => {
  const message = new sdk.messages.resource.RegisterResourceRequest().toObject();
  const now = Object.keys(message).map((field) => field.replace(/(List|Map)$/, ""));
  missing([
    ...fields
      .filter((field) => !now.includes(field))
      .map((field) => `a registration has no ${field} any more`),
    ...now
      .filter((field) => !fields.includes(field))
      .map(
        (field) => `a registration has a new field, ${field}: have record/options.ts record it or refuse it`,
      ),
  ]);
});

test("transforms are given the options that the recorder knows, and no others", () => {
  const known = [
    ...["dependsOn", "protect", "ignoreChanges", "replaceOnChanges", "version", "aliases", "provider"],
    ...["customTimeouts", "pluginDownloadUrl", "retainOnDelete", "deletedWith", "deleteBeforeReplace"],
    ...["additionalSecretOutputs", "providers", "pluginChecksums", "hooks", "pb_import", "hideDiff"],
    ...["replaceWith", "replacementTrigger"],
  ];
  const message = new sdk.messages.resource.TransformResourceOptions().toObject();
  const now = Object.keys(message).map((field) => field.replace(/(List|Map)$/, ""));
  missing([
    ...known
      .filter((field) => !now.includes(field))
      .map((field) => `a transform is given no ${field} any more`),
    ...now
      .filter((field) => !known.includes(field))
      .map((field) => `a transform is given ${field}, too: have record/options.ts hand it on`),
  ]);
});

test("features that the SDK asks for are those that the recorder knows", () => {
  const asked = readFileSync(join(sdkDirectory(), "runtime", "settings.js"), "utf8");
  const list = /await Promise\.all\(\[([^\]]*)\]\.map\(\(feature\)/.exec(asked)?.[1] ?? "";
  expect([...list.matchAll(/"(\w+)"/g)].map(([, feature]) => feature).sort()).toEqual([
    ...["aliasSpecs", "deletedWith", "errorHooks", "invokeTransforms", "outputValues", "parameterization"],
    ...["replaceWith", "resourceHooks", "resourceReferences", "secrets", "transforms"],
  ]);
});

test("values are signed on the wire as the SDK signs them", () => {
  const { specialSigKey, specialOutputValueSig } = pulumi.runtime;
  expect(toWire({ a: outputOf({ value: 1 }) }).toJavaScript()).toEqual({
    a: { [specialSigKey]: specialOutputValueSig, value: 1 },
  });
  expect(unknownValue).toBe(pulumi.runtime.unknownValue);
});

test.each(["run", "run-policy-pack"] as const)("the SDK starts programs by cmd/%s", (command) => {
  missing(existsSync(sdk.commandOf(root, command)) ? [] : [`cmd/${command} is gone`]);
});

test("a program is started with arguments that cmd/run reads", () => {
  const source = readFileSync(sdk.commandOf(root, "run"), "utf8");
  const read = [
    "monitor",
    "engine",
    "project",
    "stack",
    "organization",
    "root-directory",
    "dry-run",
    "parallel",
  ];
  missing(
    read
      .filter((name) => !source.includes(`argv["${name}"]`))
      .map((name) => `cmd/run takes no --${name} any more`),
  );
});

test("what is put off at a start is a module that the SDK has", () => {
  const { resolve } = sdk.sdkOf(root);
  const gone = sdk.seldomUsed.filter(({ module }) => {
    try {
      return !resolve(module);
    } catch {
      return true;
    }
  });
  missing(gone.map(({ module }) => `${module} is gone: drop it from seldomUsed`));
});

test("what is replaced at a start is a function that the SDK has", () => {
  const load = sdk.sdkOf(root);
  const { typeScriptRequireStrings } = load("./tsutils") as Record<string, () => object>;
  const { isInitializedAsync } = load("./runtime/closure/v8Hooks") as Record<string, unknown>;
  const { EngineClient } = load("./proto/engine_grpc_pb") as { EngineClient: { prototype: object } };
  const { LogSeverity } = load("./proto/engine_pb") as { LogSeverity: Record<string, number> };
  const strings =
    typeof typeScriptRequireStrings === "function" ? Object.keys(typeScriptRequireStrings()) : [];
  missing([
    ...["tsnodeRequire", "typescriptRequire"]
      .filter((name) => !strings.includes(name))
      .map((name) => `tsutils.typeScriptRequireStrings() names no ${name} any more`),
    ...(typeof isInitializedAsync === "function" ? [] : ["v8Hooks has no isInitializedAsync any more"]),
    ...("log" in EngineClient.prototype ? [] : ["EngineClient has no method log any more"]),
    ...(typeof LogSeverity.DEBUG === "number" ? [] : ["LogSeverity has no DEBUG any more"]),
  ]);
});

test("no other file uses what is not the SDK's documented interface", () => {
  const { config } = ts.readConfigFile(join(root, "tsconfig.json"), (file) => ts.sys.readFile(file)) as {
    config: object;
  };
  const { fileNames } = ts.parseJsonConfigFileContent(config, ts.sys, root);
  const users = fileNames.filter((file) => /["'`]@pulumi\/pulumi\//.test(readFileSync(file, "utf8")));
  expect(users.map((file) => relative(root, file))).toEqual(["record/sdk.ts"]);
});

function sdkDirectory(): string {
  return join(sdk.sdkOf(root).resolve("./package.json"), "..");
}
