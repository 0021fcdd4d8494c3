import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { unknownValue } from "../../record/values";

/**
 * The arguments of @pulumi/aws' resources, read from the typings of the same version that the program uses. They are
 * generated from the provider's schema, one property per line.
 */

interface Argument {
  required: boolean;
  /** Type of a nested object or of the objects in a list, for example "ec2.InstanceMetadataOptions". */
  nested?: string;
}

type Arguments = ReadonlyMap<string, Argument>;

export interface Problem {
  property: string;
  reason: string;
}

const typings = dirname(require.resolve("@pulumi/aws/package.json"));
const read = new Map<string, Arguments>();
let nestedTypings: string | undefined;

/**
 * Top-level arguments of a resource type.
 * @throws Error if @pulumi/aws has no such type
 */
export function argumentsOf(type: string): Arguments {
  const [, file, name] = /^aws:(\S+):(\w+)$/.exec(type) ?? [];
  return remembered(type, () => {
    if (file === undefined) throw new Error(`${type}: no type of @pulumi/aws`);
    return parse(readFileSync(join(typings, `${file}.d.ts`), "utf8"), 0, `${name}Args`);
  });
}

/** Inputs of a resource that its type does not know or lacks; `undefined` and null count as not given. */
export function problems(type: string, inputs: Record<string, unknown>): Problem[] {
  return problemsOf(argumentsOf(type), inputs, "");
}

function problemsOf(known: Arguments, given: Record<string, unknown>, path: string): Problem[] {
  const isGiven = (name: string) => given[name] !== undefined && given[name] !== null;
  const missing = [...known]
    .filter(([name, { required }]) => required && !isGiven(name))
    .map(([name]) => ({ property: path + name, reason: "Missing required argument" }));
  const wrong = Object.entries(given)
    // Pulumi's own inputs, such as __defaults.
    .filter(([name]) => isGiven(name) && !name.startsWith("__"))
    .flatMap(([name, value]): Problem[] => {
      const argument = known.get(name);
      if (argument === undefined) return [{ property: path + name, reason: "Unsupported argument" }];
      if (argument.nested === undefined || value === unknownValue) return [];
      const inner = nestedArguments(argument.nested);
      const objects = Array.isArray(value) ? value : [value];
      return objects
        .filter((object) => typeof object === "object" && object !== null)
        .flatMap((object) => problemsOf(inner, object as Record<string, unknown>, `${path}${name}.`));
    });
  return [...missing, ...wrong];
}

/** Arguments of a nested object, for example "ec2.InstanceMetadataOptions". */
function nestedArguments(qualified: string): Arguments {
  return remembered(qualified, () => {
    const [namespace, name] = qualified.split(".");
    nestedTypings ??= readFileSync(join(typings, "types/input.d.ts"), "utf8");
    const from = nestedTypings.indexOf(`declare namespace ${namespace} {`);
    return parse(nestedTypings, from, name!);
  });
}

function remembered(key: string, parsed: () => Arguments): Arguments {
  const known = read.get(key) ?? parsed();
  read.set(key, known);
  return known;
}

/** The members of an interface: the first one with this name from that position on. */
function parse(text: string, from: number, name: string): Arguments {
  const [, , body] =
    new RegExp(`^( *)(?:export )?interface ${name} \\{\n(.*?)\n\\1\\}`, "ms").exec(text.slice(from)) ?? [];
  if (from < 0 || body === undefined) throw new Error(`${name}: not in the typings of @pulumi/aws`);
  return new Map(
    [...body.matchAll(/^ +(\w+)(\??): (.+)$/gm)].map(([, property, optional, type]) => [
      property!,
      { required: optional === "", nested: /\binputs\.(\w+\.\w+)/.exec(type!)?.[1] },
    ]),
  );
}
