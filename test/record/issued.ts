import { issue, type Issued, type IssuerOptions } from "../../record/issuer";

export type Inputs = Record<string, unknown>;

export const types = {
  privateKey: "tls:index/privateKey:PrivateKey",
  certRequest: "tls:index/certRequest:CertRequest",
  selfSignedCert: "tls:index/selfSignedCert:SelfSignedCert",
  locallySignedCert: "tls:index/locallySignedCert:LocallySignedCert",
};

/** A certificate with its key and, if another one signed it, its request. */
export interface Made extends Issued {
  privateKeyPem: string;
  certPem: string;
  certRequestPem?: string;
}

export const p256 = { algorithm: "ECDSA", ecdsaCurve: "P256" };

export async function newKey(inputs: Inputs = p256): Promise<string> {
  return String((await issue(types.privateKey, inputs)).outputs.privateKeyPem);
}

/** Makes a key and a certificate that it signs itself. */
export async function selfSigned(inputs: Inputs, options?: IssuerOptions, key?: Inputs): Promise<Made> {
  const privateKeyPem = await newKey(key);
  const issued = await issue(types.selfSignedCert, { ...inputs, privateKeyPem }, options);
  return { ...issued, privateKeyPem, certPem: String(issued.outputs.certPem) };
}

/** Makes a key, a request and the certificate that the CA signs. */
export async function signedBy(
  ca: Made,
  request: Inputs,
  inputs: Inputs,
  options?: IssuerOptions,
): Promise<Made> {
  const privateKeyPem = await newKey();
  const requested = await issue(types.certRequest, { ...request, privateKeyPem });
  const certRequestPem = String(requested.outputs.certRequestPem);
  const signing = { certRequestPem, caCertPem: ca.certPem, caPrivateKeyPem: ca.privateKeyPem };
  const issued = await issue(types.locallySignedCert, { ...inputs, ...signing }, options);
  return { ...issued, privateKeyPem, certPem: String(issued.outputs.certPem), certRequestPem };
}

export const caInputs = {
  subject: { commonName: "etcd CA" },
  isCaCertificate: true,
  allowedUses: ["cert_signing"],
  validityPeriodHours: 24,
};

export function leafInputs(...uses: string[]) {
  return { allowedUses: ["digital_signature", ...uses], validityPeriodHours: 1 };
}
