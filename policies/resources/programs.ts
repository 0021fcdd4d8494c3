import { unpack } from "../../machine/bundle";
import { bundleOfPart } from "../../contract/paths";
import { unknown, type Resource, type Unknown } from "./resource";

const parameterType = "aws:ssm/parameter:Parameter";

/**
 * The programs that user data names by the SHA-256 of their bundle, as text, each below its name.
 * @returns undefined if it names none; unknown if the stack does not have them, or they cannot be read there
 */
export function programsOf(userData: string, resources: readonly Resource[]): string | Unknown | undefined {
  const sha256 = /"bundle": "([0-9a-f]{64})"/.exec(userData)?.[1];
  if (sha256 === undefined) return undefined;
  const parts = resources.flatMap(({ type, props }) =>
    type === parameterType && typeof props.name === "string" && bundleOfPart(props.name) === sha256
      ? [props.insecureValue ?? props.value]
      : [],
  );
  if (parts.length === 0 || !parts.every((part) => typeof part === "string")) return unknown;
  const all = parts.join("\n");
  const known = texts.get(all) ?? textOf(parts);
  texts.set(all, known);
  return known;
}

/** Bundles already read: several rules and machines read the same one. */
const texts = new Map<string, string | Unknown>();

function textOf(parts: string[]): string | Unknown {
  try {
    return unpack(parts)
      .map(({ path, content }) => `${path}:\n${content}`)
      .join("\n");
  } catch {
    return unknown;
  }
}
