/* eslint-disable @typescript-eslint/no-require-imports -- each part is loaded by whoever uses it, when they do */
import { createRequire } from "node:module";
import { join } from "node:path";
import type * as Analyzer from "@pulumi/pulumi/proto/analyzer_pb";
import type * as Callback from "@pulumi/pulumi/proto/callback_pb";
import type * as Engine from "@pulumi/pulumi/proto/engine_pb";
import type * as Language from "@pulumi/pulumi/proto/language_pb";
import type * as Plugin from "@pulumi/pulumi/proto/plugin_pb";
import type * as Provider from "@pulumi/pulumi/proto/provider_pb";
import type * as Resource from "@pulumi/pulumi/proto/resource_pb";
import type { Alias } from "@pulumi/pulumi/proto/alias_pb";

/**
 * Everything that we use of @pulumi/pulumi outside its documented interface. Only the documented interface is stable
 * from one version to the next. test/record/sdk.test.ts checks each part against the installed SDK and says what is
 * gone; test/engine/recording.engine.ts says whether a recording is still what the engine plans.
 */

/** The version of @pulumi/pulumi that these parts were checked against. */
export const heldTo = "3.248.0";

/** Messages of Pulumi's protocol, as types. */
export type { Alias, Analyzer, Callback, Engine, Language, Plugin, Provider, Resource };

/** Messages of Pulumi's protocol. */
export const messages = {
  get analyzer() {
    return require("@pulumi/pulumi/proto/analyzer_pb") as typeof Analyzer;
  },
  get callback() {
    return require("@pulumi/pulumi/proto/callback_pb") as typeof Callback;
  },
  get engine() {
    return require("@pulumi/pulumi/proto/engine_pb") as typeof Engine;
  },
  get language() {
    return require("@pulumi/pulumi/proto/language_pb") as typeof Language;
  },
  get plugin() {
    return require("@pulumi/pulumi/proto/plugin_pb") as typeof Plugin;
  },
  get provider() {
    return require("@pulumi/pulumi/proto/provider_pb") as typeof Provider;
  },
  get resource() {
    return require("@pulumi/pulumi/proto/resource_pb") as typeof Resource;
  },
};

/** Services of Pulumi's protocol and clients for them. */
export const services = {
  get analyzer() {
    return require("@pulumi/pulumi/proto/analyzer_grpc_pb") as typeof import("@pulumi/pulumi/proto/analyzer_grpc_pb");
  },
  get callbacks() {
    return require("@pulumi/pulumi/proto/callback_grpc_pb") as typeof import("@pulumi/pulumi/proto/callback_grpc_pb");
  },
  get engine() {
    return require("@pulumi/pulumi/proto/engine_grpc_pb") as typeof import("@pulumi/pulumi/proto/engine_grpc_pb");
  },
  get language() {
    return require("@pulumi/pulumi/proto/language_grpc_pb") as typeof import("@pulumi/pulumi/proto/language_grpc_pb");
  },
  get provider() {
    return require("@pulumi/pulumi/proto/provider_grpc_pb") as typeof import("@pulumi/pulumi/proto/provider_grpc_pb");
  },
  get resourceMonitor() {
    return require("@pulumi/pulumi/proto/resource_grpc_pb") as typeof import("@pulumi/pulumi/proto/resource_grpc_pb");
  },
};

/** Version of the SDK that is installed here. */
export function installedVersion(): string {
  return (require("@pulumi/pulumi/package.json") as { version: string }).version;
}

/**
 * The file of a command that the SDK of a program or policy pack provides for language hosts.
 * @param directory of the program, whose SDK may differ from ours
 */
export function commandOf(directory: string, command: "run" | "run-policy-pack"): string {
  const { resolve } = createRequire(join(directory, "package.json"));
  return resolve(`@pulumi/pulumi/cmd/${command}`);
}

/** Loads modules of a program's SDK, by their paths in it or by the names of its own packages. */
export function sdkOf(directory: string): NodeJS.Require {
  const ofProgram = createRequire(join(directory, "package.json"));
  return createRequire(ofProgram.resolve("@pulumi/pulumi/package.json"));
}

/** Modules that the SDK loads at each start for purposes that nobody has here. */
export const seldomUsed: readonly { module: string; own?: Record<string, unknown> }[] = [
  // Functions deployed as code: the compiler, the tree of packages, a debugger of its own process.
  ...["typescript", "@npmcli/arborist", "normalize-package-data", "fdir", "upath"].map((module) => ({
    module,
  })),
  { module: "./runtime/closure/v8Hooks", own: { isInitializedAsync: () => Promise.resolve() } },
  // Pulumi's own command line, run by a program.
  { module: "./automation" },
  // Traces of the run, which the recorder does not request.
  ...[
    "resources",
    "sdk-trace-base",
    "sdk-trace-node",
    "exporter-zipkin",
    "instrumentation-grpc",
    "instrumentation",
  ].map((name) => ({ module: `@opentelemetry/${name}` })),
];

/**
 * Makes a policy pack's start use this module in place of ts-node and of the compiler. ts-node would check the pack's
 * types each time; a hook that is already installed transpiles TypeScript.
 */
export function replaceTsNode(sdk: NodeJS.Require, substitute: string): void {
  const tsutils = sdk("./tsutils") as { typeScriptRequireStrings: () => Record<string, string> };
  tsutils.typeScriptRequireStrings = () => ({ tsnodeRequire: substitute, typescriptRequire: substitute });
}

interface LogClient {
  log: (this: LogClient, request: { getSeverity(): number }, done: (error: null) => void) => unknown;
}

/** Drops debug lines, two per resource: the SDK sends each only after the one before it was answered. */
export function dropDebugLines(sdk: NodeJS.Require): void {
  const { EngineClient } = sdk("./proto/engine_grpc_pb") as { EngineClient: { prototype: LogClient } };
  const { LogSeverity } = sdk("./proto/engine_pb") as { LogSeverity: { DEBUG: number } };
  const { log } = EngineClient.prototype;
  EngineClient.prototype.log = function (request, done) {
    return request.getSeverity() === LogSeverity.DEBUG ? done(null) : log.call(this, request, done);
  };
}
