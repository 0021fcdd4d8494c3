import { inspect } from "node:util";
import { Struct } from "google-protobuf/google/protobuf/struct_pb";

/**
 * Property values as they cross Pulumi's protocol, and as the recording keeps them. On the wire a secret, an
 * output or a resource is an object that carries a signature
 * (https://github.com/pulumi/pulumi/blob/master/sdk/go/common/resource/properties.go).
 */
const signatureKey = "4dabf18193072939515e22adb298388d";
const secretSignature = "1b47061264138c4ac30d75fd1eb44270";
const resourceSignature = "5cf8f73096256a8f31e491e813e4eb8e";
const outputSignature = "d0e6a833031e9bbcd3f4e8bde6ca49a4";

/** Stands in a preview for a value that is known only after a deployment; on the wire and here the same. */
export const unknownValue = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/** A value that the program marked as secret. However it is printed, it shows as `[secret]`. */
export class Secret {
  readonly #value: unknown;
  constructor(value: unknown) {
    this.#value = value;
  }
  reveal(): unknown {
    return this.#value;
  }
  toJSON(): string {
    return "[secret]";
  }
  toString(): string {
    return "[secret]";
  }
  [inspect.custom](): string {
    return "[secret]";
  }
}

export type Properties = Record<string, unknown>;

/** The plain text of a property, secret or not. For those who run the members; never for output. */
export function reveal(value: unknown): unknown {
  return value instanceof Secret ? value.reveal() : value;
}

/** Properties of a request: secrets become {@link Secret}, references the resource's URN. */
export function decode(struct: Struct | undefined): Properties {
  return decodeValue(struct?.toJavaScript() ?? {}) as Properties;
}

/** Properties of a stack's export: secrets there are ciphertexts, of which nothing is kept. */
export function decodeState(properties: Properties): Properties {
  return decodeValue(properties) as Properties;
}

function decodeValue(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(decodeValue);
  if (value === null || typeof value !== "object") return value;
  const object = value as Properties;
  switch (object[signatureKey]) {
    case secretSignature:
      return new Secret(decodeValue(object.value));
    case outputSignature: {
      if (!("value" in object)) return unknownValue;
      const inner = decodeValue(object.value);
      return object.secret ? new Secret(inner) : inner;
    }
    case resourceSignature:
      return object.urn;
    default:
      return Object.fromEntries(Object.entries(object).map(([key, inner]) => [key, decodeValue(inner)]));
  }
}

/** Properties of an answer. */
export function encode(properties: Properties): Struct {
  return Struct.fromJavaScript(encodeValue(properties) as Parameters<typeof Struct.fromJavaScript>[0]);
}

function encodeValue(value: unknown): unknown {
  if (value instanceof Secret) return { [signatureKey]: secretSignature, value: encodeValue(value.reveal()) };
  if (Array.isArray(value)) return value.map(encodeValue);
  if (value === null || typeof value !== "object") return value ?? null;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, inner]) => inner !== undefined)
      .map(([key, inner]) => [key, encodeValue(inner)]),
  );
}
