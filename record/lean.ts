import { Module } from "node:module";
import { dropDebugLines, replaceTsNode, sdkOf, seldomUsed } from "./sdk";

/**
 * Loaded before a program or a policy pack that runs here. Half of such a run is what the SDK prepares for purposes
 * that we do not have; this file omits or postpones it. Program, pack and protocol stay the same. A program that
 * fails is run once more without this file.
 */

const sdk = sdkOf(process.cwd());

/** Loads a module only when something in it is used. */
function putOff(name: string, own: Record<string, unknown> = {}): void {
  const file = sdk.resolve(name);
  const load = () => {
    if (require.cache[file] === placeholder) delete require.cache[file];
    return sdk(file) as object;
  };
  const exports = new Proxy<Record<string, unknown>>(own, {
    get: (_, key: string): unknown => own[key] ?? (key === "__esModule" || Reflect.get(load(), key)),
  });
  const placeholder = Object.assign(new Module(file), { exports, loaded: true });
  require.cache[file] = placeholder;
}

for (const { module, own } of seldomUsed) putOff(module, own);

replaceTsNode(sdk, __filename);
export const register = () => undefined;

// Where in the source a resource or promise was made; each costs a formatted stack trace.
Object.defineProperty(Error, "stackTraceLimit", { get: () => 0, set: () => undefined });

dropDebugLines(sdk);
