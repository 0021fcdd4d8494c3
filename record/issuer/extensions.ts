import "reflect-metadata";
import * as x509 from "@peculiar/x509";
import type { AlternativeNames } from "./names";
import { extendedKeyUsages, keyUsages } from "./uses";

export interface ExtensionContents {
  allowedUses: readonly string[];
  isCa: boolean;
  pathLength?: number;
  /** Hex, like the next one. */
  subjectKeyId?: string;
  authorityKeyId?: string;
  names: AlternativeNames;
  /** The certificate's subject is empty. */
  isNameless: boolean;
}

/** A certificate's extensions: those that the provider chooses, in the order of Go's crypto/x509. */
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
    // RFC 5280, 4.2.1.6: critical if they are the only names. From Go's source, unverified.
    ...alternativeNamesExtension(contents.names, contents.isNameless),
  ];
}

/** The extension for alternative names in Go's order; none if there are no names. */
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
