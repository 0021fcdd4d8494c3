import "reflect-metadata";
import * as x509 from "@peculiar/x509";
import type { AlternativeNames } from "./names";

/**
 * Uses that are bits of the key usage extension. Beyond digital_signature, key_encipherment, cert_signing
 * and crl_signing: from the provider's source, unverified.
 */
export const keyUsages: Readonly<Record<string, x509.KeyUsageFlags>> = {
  digital_signature: x509.KeyUsageFlags.digitalSignature,
  content_commitment: x509.KeyUsageFlags.nonRepudiation,
  key_encipherment: x509.KeyUsageFlags.keyEncipherment,
  data_encipherment: x509.KeyUsageFlags.dataEncipherment,
  key_agreement: x509.KeyUsageFlags.keyAgreement,
  cert_signing: x509.KeyUsageFlags.keyCertSign,
  crl_signing: x509.KeyUsageFlags.cRLSign,
  encipher_only: x509.KeyUsageFlags.encipherOnly,
  decipher_only: x509.KeyUsageFlags.decipherOnly,
};

/** Uses of the extended key usage extension. Beyond server_auth and client_auth likewise unverified. */
export const extendedKeyUsages: Readonly<Record<string, string>> = {
  any_extended: "2.5.29.37.0",
  server_auth: x509.ExtendedKeyUsage.serverAuth,
  client_auth: x509.ExtendedKeyUsage.clientAuth,
  code_signing: x509.ExtendedKeyUsage.codeSigning,
  email_protection: x509.ExtendedKeyUsage.emailProtection,
  ipsec_end_system: "1.3.6.1.5.5.7.3.5",
  ipsec_tunnel: "1.3.6.1.5.5.7.3.6",
  ipsec_user: "1.3.6.1.5.5.7.3.7",
  timestamping: x509.ExtendedKeyUsage.timeStamping,
  ocsp_signing: x509.ExtendedKeyUsage.ocspSigning,
  microsoft_server_gated_crypto: "1.3.6.1.4.1.311.10.3.3",
  netscape_server_gated_crypto: "2.16.840.1.113730.4.1",
  microsoft_commercial_code_signing: "1.3.6.1.4.1.311.2.1.22",
  microsoft_kernel_code_signing: "1.3.6.1.4.1.311.61.1.1",
};

export interface ExtensionContents {
  allowedUses: readonly string[];
  isCa: boolean;
  pathLength?: number;
  /** Hex, as is the next. */
  subjectKeyId?: string;
  authorityKeyId?: string;
  names: AlternativeNames;
  /** The certificate's subject is empty. */
  isNameless: boolean;
}

/** A certificate's extensions: the provider's choice, in the order of Go's crypto/x509. */
export function certificateExtensions(contents: ExtensionContents): x509.Extension[] {
  const { allowedUses, subjectKeyId, authorityKeyId } = contents;
  const usageBits = allowedUses.reduce((bits, use) => bits | (keyUsages[use] ?? 0), 0);
  const extendedUsages = allowedUses.flatMap((use) => extendedKeyUsages[use] ?? []);
  return [
    ...(usageBits === 0 ? [] : [new x509.KeyUsagesExtension(usageBits, true)]),
    ...(extendedUsages.length === 0 ? [] : [new x509.ExtendedKeyUsageExtension(extendedUsages)]),
    new x509.BasicConstraintsExtension(contents.isCa, contents.pathLength, true),
    ...(subjectKeyId === undefined ? [] : [new x509.SubjectKeyIdentifierExtension(subjectKeyId)]),
    ...(authorityKeyId === undefined ? [] : [new x509.AuthorityKeyIdentifierExtension(authorityKeyId)]),
    // RFC 5280, 4.2.1.6: critical where they are the only names. From Go's source, unverified.
    ...alternativeNamesExtension(contents.names, contents.isNameless),
  ];
}

/** The extension for alternative names in Go's order; none where there are no names. */
export function alternativeNamesExtension(
  { dnsNames, ipAddresses, uris }: AlternativeNames,
  critical: boolean,
): x509.Extension[] {
  const names = [
    ...dnsNames.map((value) => ({ type: "dns" as const, value })),
    ...ipAddresses.map((value) => ({ type: "ip" as const, value })),
    ...uris.map((value) => ({ type: "url" as const, value })),
  ];
  return names.length === 0 ? [] : [new x509.SubjectAlternativeNameExtension(names, critical)];
}
