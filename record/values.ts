import { inspect } from "node:util";
import { Struct } from "google-protobuf/google/protobuf/struct_pb";

/**
 * Property values as they cross Pulumi's protocol, and as the recording keeps them. On the wire, a secret, an output or
 * a resource is an object that carries a signature
 * (https://github.com/pulumi/pulumi/blob/master/sdk/go/common/resource/properties.go).
 */
const signatureKey = "4dabf18193072939515e22adb298388d";
const secretSignature = "1b47061264138c4ac30d75fd1eb44270";
const resourceSignature = "5cf8f73096256a8f31e491e813e4eb8e";
const outputSignature = "d0e6a833031e9bbcd3f4e8bde6ca49a4";

/** In a preview, stands for a value that is known only after a deployment; the same on the wire and here. */
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

/** Properties with some of them marked as secret. */
export function withSecrets(properties: Properties, isSecretName: (name: string) => boolean): Properties {
  return Object.fromEntries(
    Object.entries(properties).map(([name, value]) => [
      name,
      isSecretName(name) && !(value instanceof Secret) ? new Secret(value) : value,
    ]),
  );
}

/** The plain text of a property, secret or not. Only for code that runs the members; never for output. */
export function reveal(value: unknown): unknown {
  return value instanceof Secret ? value.reveal() : value;
}

/** Properties of a request in wire format. */
export function fromWire(struct: Struct | undefined): Properties {
  return struct?.toJavaScript() ?? {};
}

/** The opposite of {@link fromWire}. */
export function toWire(properties: Properties): Struct {
  return Struct.fromJavaScript(properties as Parameters<typeof Struct.fromJavaScript>[0]);
}

/** In wire format: a value with the resources that it comes from; without a value it is not known yet. */
export function outputOf(output: { value?: unknown; secret?: boolean; dependencies?: string[] }): Properties {
  return { [signatureKey]: outputSignature, ...output };
}

/** Whether this is an output in wire format. */
export function isOutput(value: unknown): value is Properties {
  return isSigned(value, outputSignature);
}

/** Whether this is a secret in wire format; its `value` is the plain text. */
export function isSecret(value: unknown): value is Properties {
  return isSigned(value, secretSignature);
}

function isSigned(value: unknown, signature: string): boolean {
  return value !== null && typeof value === "object" && (value as Properties)[signatureKey] === signature;
}

/** Decodes properties of a request: secrets become {@link Secret}, references become the resource's URN. */
export function decode(struct: Struct | undefined): Properties {
  return decodeWire(fromWire(struct));
}

/** Decodes properties in wire format. */
export function decodeWire(properties: Properties): Properties {
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
      const inner = "value" in object ? decodeValue(object.value) : unknownValue;
      return object.secret ? new Secret(inner) : inner;
    }
    case resourceSignature:
      return object.urn;
    default:
      return Object.fromEntries(Object.entries(object).map(([key, inner]) => [key, decodeValue(inner)]));
  }
}

/** Encodes properties of an answer. */
export function encode(properties: Properties): Struct {
  return toWire(encodeValue(properties) as Properties);
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
