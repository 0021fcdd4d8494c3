import "reflect-metadata";
import * as x509 from "@peculiar/x509";
import { certificateExtensions } from "./extensions";
import type { CertificateInputs } from "./inputs";
import { keyId, type SigningKey } from "./keys";
import type { AlternativeNames } from "./names";
import { writePem } from "./pem";

const hour = 3_600_000;

/** What a certificate contains besides its resource's inputs. */
export interface CertificateParts {
  subject: x509.Name;
  issuer: x509.Name;
  publicKey: x509.PublicKey;
  names: AlternativeNames;
  /** Hex. */
  authorityKeyId?: string;
  signer: SigningKey;
}

/**
 * Signs a certificate that is valid from now on.
 * @returns the resource's id and the outputs that both kinds of certificate have
 * @throws Error naming an input that Go or the provider would refuse
 */
export async function signCertificate(inputs: CertificateInputs, parts: CertificateParts, now: Date) {
  const { isCaCertificate, setSubjectKeyId, validityPeriodHours, earlyRenewalHours } = inputs;
  const maxPathLength = inputs.maxPathLength ?? -1;
  if (isCaCertificate && isEmpty(parts.subject)) {
    throw new Error("isCaCertificate: true: a CA needs a subject");
  }
  if (!isCaCertificate && maxPathLength > 0) {
    throw new Error(`maxPathLength: ${maxPathLength}: only a CA has a path length`);
  }
  const end = new Date(now.getTime() + validityPeriodHours * hour);
  const certificate = await x509.X509CertificateGenerator.create({
    notBefore: wholeSeconds(now),
    notAfter: wholeSeconds(end),
    subject: parts.subject,
    issuer: parts.issuer,
    publicKey: parts.publicKey,
    signingKey: parts.signer.keys.privateKey,
    signingAlgorithm: parts.signer.signing,
    extensions: certificateExtensions({
      allowedUses: inputs.allowedUses,
      isCa: isCaCertificate,
      // To Go, 0 means no limit unless it is asked for twice, and the provider asks once.
      pathLength: maxPathLength > 0 ? maxPathLength : undefined,
      subjectKeyId: isCaCertificate || setSubjectKeyId ? await keyId(parts.publicKey) : undefined,
      authorityKeyId: parts.authorityKeyId,
      names: parts.names,
      isNameless: isEmpty(parts.subject),
    }),
  });
  return {
    id: BigInt(`0x${certificate.serialNumber}`).toString(),
    outputs: {
      certPem: writePem(certificate),
      // Decided from the inputs alone; the clock matters when the resource is read again.
      readyForRenewal: earlyRenewalHours >= validityPeriodHours,
      // The provider writes nanoseconds.
      validityStartTime: now.toISOString(),
      validityEndTime: end.toISOString(),
    },
  };
}

function isEmpty(name: x509.Name): boolean {
  return name.toJSON().length === 0;
}

/** Certificates hold whole seconds. */
function wholeSeconds(date: Date): Date {
  return new Date(Math.floor(date.getTime() / 1000) * 1000);
}
