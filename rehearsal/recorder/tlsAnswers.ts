import "reflect-metadata";
import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  randomBytes,
  webcrypto,
} from "node:crypto";
import * as x509 from "@peculiar/x509";
import {
  alternativeNameExtension,
  alternativeNamesOf,
  subjectName,
  usageExtensions,
  type AlternativeNames,
} from "./tlsNames";
import type { Properties } from "./values";

/**
 * Answers for the provider of @pulumi/tls with real keys and certificates, the same as the plugin makes of
 * the same inputs. Verified field by field against certificates of the real plugin (see the tests) for
 * ECDSA P-256; other keys are refused rather than guessed.
 */

export interface IssuerOptions {
  /** @default the clock */
  now?: () => Date;
  /** Addresses for a leaf's alternative names beside those of its request. */
  extraAddresses?: (names: AlternativeNames) => string[];
}

interface Answer {
  id: string;
  outputs: Properties;
  /** Outputs that the provider marks as secret. */
  secretOutputs: string[];
}

const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
const hour = 3_600_000;

const issuers: Readonly<
  Record<string, (inputs: Properties, options: IssuerOptions) => Answer | Promise<Answer>>
> = {
  "tls:index/privateKey:PrivateKey": privateKey,
  "tls:index/certRequest:CertRequest": certRequest,
  "tls:index/selfSignedCert:SelfSignedCert": selfSignedCert,
  "tls:index/locallySignedCert:LocallySignedCert": locallySignedCert,
};

/** Whether resources of this type are issued here. */
export function issues(type: string): boolean {
  return type in issuers;
}

/**
 * Issues what a resource of @pulumi/tls asks for.
 * @param inputs plain values, secrets revealed
 * @throws Error naming an input that asks for what is not issued here
 */
export async function issue(type: string, inputs: Properties, options: IssuerOptions = {}): Promise<Answer> {
  const issuer = issuers[type];
  if (issuer === undefined) throw new Error(`${type} is not issued here`);
  return issuer(inputs, options);
}

function privateKey(inputs: Properties): Answer {
  const { algorithm: kind, ecdsaCurve } = inputs as { algorithm: string; ecdsaCurve?: string };
  if (kind !== "ECDSA" || ecdsaCurve !== "P256") {
    throw new Error(`algorithm: ${kind} ${ecdsaCurve ?? ""}: only ECDSA P256 is issued here`);
  }
  const keys = generateKeyPairSync("ec", { namedCurve: "prime256v1" });
  const publicKeyPem = keys.publicKey.export({ type: "spki", format: "pem" });
  const outputs = {
    ...inputs,
    privateKeyPem: keys.privateKey.export({ type: "sec1", format: "pem" }),
    privateKeyPemPkcs8: keys.privateKey.export({ type: "pkcs8", format: "pem" }),
    publicKeyPem,
  };
  const secretOutputs = ["privateKeyPem", "privateKeyPemPkcs8", "privateKeyOpenssh"];
  return { id: createHash("sha1").update(publicKeyPem).digest("hex"), outputs, secretOutputs };
}

async function certRequest(inputs: Properties): Promise<Answer> {
  const keys = await keyPair(String(inputs.privateKeyPem));
  const request = await x509.Pkcs10CertificateRequestGenerator.create({
    name: subjectName(inputs.subject as Record<string, unknown> | undefined).toJSON(),
    keys,
    signingAlgorithm: algorithm,
    extensions: alternativeNameExtension(namesOf(inputs)),
  });
  const certRequestPem = `${request.toString("pem")}\n`;
  return {
    id: createHash("sha1").update(certRequestPem).digest("hex"),
    outputs: { ...inputs, certRequestPem, keyAlgorithm: "ECDSA" },
    secretOutputs: ["privateKeyPem"],
  };
}

async function selfSignedCert(inputs: Properties, options: IssuerOptions): Promise<Answer> {
  const { privateKey: signingKey, spki } = await keyPair(String(inputs.privateKeyPem));
  const subject = subjectName(inputs.subject as Record<string, unknown> | undefined);
  const ownId = keyId(spki);
  const isCa = inputs.isCaCertificate === true;
  return certificate(inputs, options, {
    publicKey: new x509.PublicKey(spki),
    signingKey,
    subject,
    issuer: subject,
    subjectKeyId: isCa || inputs.setSubjectKeyId === true ? ownId : undefined,
    authorityKeyId: inputs.setAuthorityKeyId === true ? ownId : undefined,
    names: namesOf(inputs),
    secretOutputs: ["privateKeyPem"],
    computed: { keyAlgorithm: "ECDSA" },
  });
}

async function locallySignedCert(inputs: Properties, options: IssuerOptions): Promise<Answer> {
  const request = new x509.Pkcs10CertificateRequest(String(inputs.certRequestPem));
  const ca = new x509.X509Certificate(String(inputs.caCertPem));
  const { privateKey: signingKey } = await keyPair(String(inputs.caPrivateKeyPem));
  const isCa = inputs.isCaCertificate === true;
  const names = alternativeNamesOf(request);
  const extra = isCa ? [] : (options.extraAddresses?.(names) ?? []);
  return certificate(inputs, options, {
    publicKey: request.publicKey,
    signingKey,
    subject: request.subjectName,
    issuer: ca.subjectName,
    subjectKeyId: isCa || inputs.setSubjectKeyId === true ? keyId(request.publicKey.rawData) : undefined,
    authorityKeyId: ca.getExtension(x509.SubjectKeyIdentifierExtension)?.keyId,
    names: { ...names, ipAddresses: [...names.ipAddresses, ...extra] },
    secretOutputs: ["caPrivateKeyPem"],
    computed: { caKeyAlgorithm: "ECDSA" },
  });
}

interface CertificateParts {
  publicKey: x509.PublicKey;
  signingKey: webcrypto.CryptoKey;
  subject: x509.Name;
  issuer: x509.Name;
  /** Hex. */
  subjectKeyId?: string;
  authorityKeyId?: string;
  names: AlternativeNames;
  secretOutputs: string[];
  computed: Properties;
}

/** Both kinds of certificate, with extensions in the plugin's order. */
async function certificate(
  inputs: Properties,
  options: IssuerOptions,
  parts: CertificateParts,
): Promise<Answer> {
  const start = options.now?.() ?? new Date();
  const end = new Date(start.getTime() + Number(inputs.validityPeriodHours) * hour);
  const renewal = end.getTime() - Number(inputs.earlyRenewalHours ?? 0) * hour;
  const isCa = inputs.isCaCertificate === true;
  // The plugin writes no path length of 0, but any above.
  const pathLength = isCa && Number(inputs.maxPathLength) > 0 ? Number(inputs.maxPathLength) : undefined;
  const serialNumber = positive(randomBytes(16));
  const made = await x509.X509CertificateGenerator.create({
    serialNumber,
    notBefore: wholeSeconds(start),
    notAfter: wholeSeconds(end),
    subject: parts.subject.toJSON(),
    issuer: parts.issuer.toJSON(),
    publicKey: parts.publicKey,
    signingKey: parts.signingKey,
    signingAlgorithm: algorithm,
    extensions: [
      ...usageExtensions(inputs.allowedUses as string[]),
      new x509.BasicConstraintsExtension(isCa, pathLength, true),
      ...(parts.subjectKeyId ? [new x509.SubjectKeyIdentifierExtension(parts.subjectKeyId)] : []),
      ...(parts.authorityKeyId ? [new x509.AuthorityKeyIdentifierExtension(parts.authorityKeyId)] : []),
      // RFC 5280, 4.2.1.6: critical where they are the only name.
      ...alternativeNameExtension(parts.names, parts.subject.toJSON().length === 0),
    ],
  });
  return {
    id: BigInt(`0x${serialNumber}`).toString(),
    outputs: {
      earlyRenewalHours: 0,
      isCaCertificate: false,
      setSubjectKeyId: false,
      ...inputs,
      ...parts.computed,
      certPem: `${made.toString("pem")}\n`,
      readyForRenewal: renewal <= start.getTime(),
      validityStartTime: start.toISOString(),
      validityEndTime: end.toISOString(),
    },
    secretOutputs: parts.secretOutputs,
  };
}

function namesOf({ dnsNames, ipAddresses, uris }: Properties): AlternativeNames {
  const list = (value: unknown) => (value as string[] | undefined) ?? [];
  return { dnsNames: list(dnsNames), ipAddresses: list(ipAddresses), uris: list(uris) };
}

/** Certificates hold whole seconds. */
function wholeSeconds(date: Date): Date {
  return new Date(Math.floor(date.getTime() / 1000) * 1000);
}

/** A serial number as hex, positive. */
function positive(bytes: Buffer): string {
  bytes[0]! &= 0x7f;
  return bytes.toString("hex");
}

async function keyPair(privateKeyPem: string) {
  const key = createPrivateKey(privateKeyPem);
  const pkcs8 = key.export({ type: "pkcs8", format: "der" });
  const spki = createPublicKey(key).export({ type: "spki", format: "der" });
  const { subtle } = webcrypto;
  return {
    privateKey: await subtle.importKey("pkcs8", pkcs8, algorithm, true, ["sign"]),
    publicKey: await subtle.importKey("spki", spki, algorithm, true, ["verify"]),
    spki,
  };
}

/** SHA-1 of the public key's bits (RFC 5280, 4.2.1.2, method 1), hex. */
function keyId(spki: ArrayBuffer | Buffer): string {
  // At the end of a P-256 SubjectPublicKeyInfo: the uncompressed point, 65 bytes.
  return createHash("sha1")
    .update(Buffer.from(spki as ArrayBuffer).subarray(-65))
    .digest("hex");
}
