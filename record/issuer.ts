import "reflect-metadata";
import { createHash } from "node:crypto";
import * as x509 from "@peculiar/x509";
import { signCertificate } from "./issuer/certificate";
import { alternativeNamesExtension } from "./issuer/extensions";
import {
  certRequestInputs,
  locallySignedCertInputs,
  parse,
  privateKeyInputs,
  selfSignedCertInputs,
} from "./issuer/inputs";
import { keyId, newPrivateKey, signingKey } from "./issuer/keys";
import { alternativeNames, requestedNames, subjectName, type AlternativeNames } from "./issuer/names";
import { PemReader, writePem } from "./issuer/pem";

/**
 * Makes what the tls provider makes: real keys, requests and certificates, the same from the same inputs. Verified
 * field by field against the plugin (pulumi-tls 5.6.1) for ECDSA P-256 and the uses, names and constraints of
 * test/fixtures/tls-golden.json. What goes beyond that follows the provider's and Go's source, and a comment there
 * says so.
 */

export interface IssuerOptions {
  /** @default the clock */
  now?: () => Date;
  /** Addresses to add to a leaf's alternative names besides those of its request; called for each leaf. */
  extraAddresses?: (names: Pick<AlternativeNames, "dnsNames" | "ipAddresses">) => string[];
  /**
   * What was issued before, by URN and inputs, and is issued again: a stack's state also keeps keys and certificates
   * from one run of its program to the next.
   */
  kept?: Map<string, Issued>;
}

/** What the provider would answer. */
export interface Issued {
  id: string;
  /** Inputs with defaults, plus what was made. */
  outputs: Record<string, unknown>;
  /** Names of the outputs that the provider marks as secret. */
  secretOutputs: string[];
}

type Inputs = Record<string, unknown>;

const makers = new Map<string, (inputs: Inputs, options: IssuerOptions) => Promise<Issued>>([
  ["tls:index/privateKey:PrivateKey", privateKey],
  ["tls:index/certRequest:CertRequest", certRequest],
  ["tls:index/selfSignedCert:SelfSignedCert", selfSignedCert],
  ["tls:index/locallySignedCert:LocallySignedCert", locallySignedCert],
]);

/** Whether the issuer makes this type of resource. */
export function issues(type: string): boolean {
  return makers.has(type);
}

/**
 * Issues what a resource of @pulumi/tls asks for.
 * @param type the resource's type token
 * @param inputs plain values, secrets revealed
 * @throws Error naming an input that the provider would refuse or that is not issued here
 */
export async function issue(type: string, inputs: Inputs, options: IssuerOptions = {}): Promise<Issued> {
  const make = makers.get(type);
  if (make === undefined) throw new Error(`${type}: not issued here`);
  return make(inputs, options);
}

// The OpenSSH outputs are omitted: they would need their own encoders, and nothing here uses SSH.
async function privateKey(given: Inputs): Promise<Issued> {
  const inputs = parse(privateKeyInputs, given);
  const { forms, spki } = await newPrivateKey(inputs);
  return {
    id: sha1(spki),
    outputs: { ...inputs, ...forms },
    secretOutputs: ["privateKeyPem", "privateKeyPemPkcs8"],
  };
}

async function certRequest(given: Inputs): Promise<Issued> {
  const inputs = parse(certRequestInputs, given);
  const { keys, signing, keyAlgorithm } = await signingKey("privateKeyPem", inputs.privateKeyPem);
  const request = await x509.Pkcs10CertificateRequestGenerator.create({
    name: subjectName(inputs.subject),
    keys,
    signingAlgorithm: signing,
    extensions: alternativeNamesExtension(alternativeNames(inputs), false),
  });
  const certRequestPem = writePem(request);
  requests.remember(certRequestPem, request);
  return {
    id: sha1(Buffer.from(request.rawData)),
    outputs: { ...inputs, keyAlgorithm, certRequestPem },
    secretOutputs: ["privateKeyPem"],
  };
}

async function selfSignedCert(given: Inputs, { now }: IssuerOptions): Promise<Issued> {
  const inputs = parse(selfSignedCertInputs, given);
  const { setAuthorityKeyId, setSubjectKeyId, isCaCertificate } = inputs;
  if (setAuthorityKeyId && !setSubjectKeyId && !isCaCertificate) {
    throw new Error("setAuthorityKeyId: true: needs setSubjectKeyId or isCaCertificate");
  }
  const signer = await signingKey("privateKeyPem", inputs.privateKeyPem);
  const subject = subjectName(inputs.subject);
  const parts = {
    subject,
    issuer: subject,
    publicKey: signer.publicKey,
    names: alternativeNames(inputs),
    authorityKeyId: setAuthorityKeyId ? await keyId(signer.publicKey) : undefined,
    signer,
  };
  const { id, outputs } = await signCertificate(inputs, parts, now?.() ?? new Date());
  return {
    id,
    outputs: { ...inputs, keyAlgorithm: signer.keyAlgorithm, ...outputs },
    secretOutputs: ["privateKeyPem"],
  };
}

const requests = new PemReader((pem) => new x509.Pkcs10CertificateRequest(pem));
const certificates = new PemReader((pem) => new x509.X509Certificate(pem));

async function locallySignedCert(given: Inputs, options: IssuerOptions): Promise<Issued> {
  const { now, extraAddresses } = options;
  const inputs = parse(locallySignedCertInputs, given);
  const request = requests.read("certRequestPem", inputs.certRequestPem);
  const ca = certificates.read("caCertPem", inputs.caCertPem);
  const signer = await signingKey("caPrivateKeyPem", inputs.caPrivateKeyPem);
  if (!signer.publicKey.equal(ca.publicKey)) throw new Error("caPrivateKeyPem: not the key of caCertPem");

  const names = requestedNames(request);
  const extra = inputs.isCaCertificate ? [] : (extraAddresses?.(names) ?? []);
  const parts = {
    subject: request.subjectName,
    issuer: ca.subjectName,
    publicKey: request.publicKey,
    names: { ...names, ipAddresses: [...names.ipAddresses, ...extra] },
    // Go treats a certificate under its issuer's own name as self-signed. Unverified.
    authorityKeyId:
      request.subject === ca.subject ? undefined : ca.getExtension(x509.SubjectKeyIdentifierExtension)?.keyId,
    signer,
  };
  const { id, outputs } = await signCertificate(inputs, parts, now?.() ?? new Date());
  return {
    id,
    outputs: { ...inputs, caKeyAlgorithm: signer.keyAlgorithm, ...outputs },
    secretOutputs: ["caPrivateKeyPem"],
  };
}

/** The provider's id of a key or request, from its DER. */
function sha1(data: Buffer): string {
  return createHash("sha1").update(data).digest("hex");
}
