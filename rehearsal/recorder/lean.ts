import { createRequire, Module } from "node:module";
import { join } from "node:path";

/**
 * Loaded before a program or a policy pack that is run here. Half of such a run is what the SDK prepares for
 * purposes that we do not have; it is left out or put off. Program, pack and protocol stay as they are. A
 * program that fails is run once more without this file.
 */

// The program's own SDK, which need not be ours.
const ofProgram = createRequire(join(process.cwd(), "package.json"));
const ofSdk = createRequire(ofProgram.resolve("@pulumi/pulumi/package.json"));

/** Loads a module only when something of it is asked for. */
function putOff(name: string, own: Record<string, unknown> = {}): void {
  const file = ofSdk.resolve(name);
  const load = () => {
    if (require.cache[file] === placeholder) delete require.cache[file];
    return ofSdk(file) as object;
  };
  const exports = new Proxy<Record<string, unknown>>(own, {
    get: (_, key: string): unknown => own[key] ?? (key === "__esModule" || Reflect.get(load(), key)),
  });
  const placeholder = Object.assign(new Module(file), { exports, loaded: true });
  require.cache[file] = placeholder;
}

// Functions that are deployed as code: the compiler, the tree of packages, a debugger of the own process.
for (const name of ["typescript", "@npmcli/arborist", "normalize-package-data", "fdir", "upath"])
  putOff(name);
putOff("./runtime/closure/v8Hooks", { isInitializedAsync: () => Promise.resolve() });
// Pulumi's own command line, run by a program.
putOff("./automation");
// Traces of the run, which the recorder does not ask for.
for (const name of [
  "resources",
  "sdk-trace-base",
  "sdk-trace-node",
  "exporter-zipkin",
  "instrumentation-grpc",
  "instrumentation",
])
  putOff(`@opentelemetry/${name}`);

// ts-node, which would check a pack's types at each start: TypeScript is transpiled by a hook that stands already.
const tsutils = ofSdk("./tsutils") as { typeScriptRequireStrings: () => Record<string, string> };
tsutils.typeScriptRequireStrings = () => ({ tsnodeRequire: __filename, typescriptRequire: __filename });
export const register = () => undefined;

// Where in the source a resource or promise was made: a formatted stack trace each.
Object.defineProperty(Error, "stackTraceLimit", { get: () => 0, set: () => undefined });

// Lines for debugging, two a resource: each is sent only once the one before it was answered.
interface LogClient {
  log: (this: LogClient, request: { getSeverity(): number }, done: (error: null) => void) => unknown;
}
const { EngineClient } = ofSdk("./proto/engine_grpc_pb") as { EngineClient: { prototype: LogClient } };
const { LogSeverity } = ofSdk("./proto/engine_pb") as { LogSeverity: { DEBUG: number } };
const { log } = EngineClient.prototype;
EngineClient.prototype.log = function (request, done) {
  return request.getSeverity() === LogSeverity.DEBUG ? done(null) : log.call(this, request, done);
};
