import "reflect-metadata";
import { createPrivateKey, createPublicKey, KeyObject, webcrypto } from "node:crypto";
import * as x509 from "@peculiar/x509";
import type { PrivateKeyInputs } from "./inputs";
import { readPem } from "./pem";

interface Kind {
  /** The provider's name. */
  keyAlgorithm: "ECDSA" | "RSA";
  /** WebCrypto's name, with the hash that Go's crypto/x509 picks. */
  signing: { name: string; namedCurve?: string; hash: string };
}

/** Kinds of key by OpenSSL's name. P-256 is verified against the plugin; the others follow Go's source. */
const kinds: Readonly<Record<string, Kind>> = {
  prime256v1: {
    keyAlgorithm: "ECDSA",
    signing: { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" },
  },
  secp384r1: {
    keyAlgorithm: "ECDSA",
    signing: { name: "ECDSA", namedCurve: "P-384", hash: "SHA-384" },
  },
  secp521r1: {
    keyAlgorithm: "ECDSA",
    signing: { name: "ECDSA", namedCurve: "P-521", hash: "SHA-512" },
  },
  rsa: { keyAlgorithm: "RSA", signing: { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" } },
};

const curves = { P256: "prime256v1", P384: "secp384r1", P521: "secp521r1" };

/** A private key, its public key and how they sign. */
export interface SigningKey extends Kind {
  keys: webcrypto.CryptoKeyPair;
  publicKey: x509.PublicKey;
}

/** By PEM: a CA's key signs many certificates, and reading a key takes longer than making one. */
const signingKeys = new Map<string, SigningKey>();

/**
 * Makes a private key.
 * @returns it in the provider's forms, and its public key
 * @throws Error naming a curve that is not issued
 */
export async function newPrivateKey({ algorithm, ecdsaCurve, rsaBits }: PrivateKeyInputs) {
  if (algorithm === "ECDSA" && ecdsaCurve === "P224") {
    throw new Error("ecdsaCurve: P224, the provider's default: not issued here; P256, P384 and P521 are");
  }
  const kind = kinds[algorithm === "RSA" ? "rsa" : curves[ecdsaCurve as keyof typeof curves]]!;
  const ofRsa = { modulusLength: rsaBits, publicExponent: Uint8Array.of(1, 0, 1) };
  const parameters: webcrypto.RsaHashedKeyGenParams | webcrypto.EcKeyGenParams = {
    ...kind.signing,
    ...ofRsa,
  };
  const keys = await webcrypto.subtle.generateKey(parameters, true, ["sign", "verify"]);
  const key = KeyObject.from(keys.privateKey);
  const publicKey = KeyObject.from(keys.publicKey);
  const spki = publicKey.export({ type: "spki", format: "der" });
  const forms = {
    privateKeyPem: key.export({ type: algorithm === "RSA" ? "pkcs1" : "sec1", format: "pem" }) as string,
    privateKeyPemPkcs8: key.export({ type: "pkcs8", format: "pem" }) as string,
    publicKeyPem: publicKey.export({ type: "spki", format: "pem" }) as string,
  };
  const signing = { ...kind, keys, publicKey: new x509.PublicKey(spki) };
  signingKeys.set(forms.privateKeyPem, signing).set(forms.privateKeyPemPkcs8, signing);
  return { forms, spki };
}

/**
 * Reads a private key for signing.
 * @param input names the resource's input that holds it
 * @throws Error naming the input if it holds no such key
 */
export async function signingKey(input: string, text: string): Promise<SigningKey> {
  const signing =
    signingKeys.get(text) ??
    (await toSignWith(
      input,
      readPem(input, () => createPrivateKey(text)),
    ));
  signingKeys.set(text, signing);
  return signing;
}

async function toSignWith(input: string, key: KeyObject): Promise<SigningKey> {
  const name = key.asymmetricKeyDetails?.namedCurve ?? String(key.asymmetricKeyType);
  const kind = kinds[name];
  if (kind === undefined) throw new Error(`${input}: ${name}: no kind of key that is issued here`);
  const spki = createPublicKey(key).export({ type: "spki", format: "der" });
  const pkcs8 = key.export({ type: "pkcs8", format: "der" });
  const { subtle } = webcrypto;
  return {
    ...kind,
    keys: {
      privateKey: await subtle.importKey("pkcs8", pkcs8, kind.signing, false, ["sign"]),
      publicKey: await subtle.importKey("spki", spki, kind.signing, true, ["verify"]),
    },
    publicKey: new x509.PublicKey(spki),
  };
}

/** The id of a key: SHA-1 of the public key's bits (RFC 5280, 4.2.1.2, method 1), hex. */
export async function keyId(publicKey: x509.PublicKey): Promise<string> {
  return Buffer.from(await publicKey.getKeyIdentifier()).toString("hex");
}
