import "reflect-metadata";
import * as x509 from "@peculiar/x509";
import type { Subject } from "./inputs";

/** Parts of a subject in the order of Go's crypto/x509/pkix. Beyond O and CN: from Go's source, unverified. */
const subjectParts: readonly (readonly [keyof Subject, string])[] = [
  ["country", "2.5.4.6"],
  ["province", "2.5.4.8"],
  ["locality", "2.5.4.7"],
  ["streetAddresses", "2.5.4.9"],
  ["postalCode", "2.5.4.17"],
  ["organization", "2.5.4.10"],
  ["organizationalUnit", "2.5.4.11"],
  ["commonName", "2.5.4.3"],
  ["serialNumber", "2.5.4.5"],
];

/** A subject of @pulumi/tls as an X.501 name; empty if there is none. */
export function subjectName(subject: Subject = {}): x509.Name {
  return new x509.Name(
    subjectParts.flatMap(([part, oid]) => {
      const values = [subject[part] ?? []].flat();
      return values.length === 0 ? [] : [{ [oid]: values.map(directoryString) }];
    }),
  );
}

/** Go's choice: PrintableString if the text allows it, else UTF8String. */
function directoryString(value: string): x509.JsonAttributeObject {
  return x509.Name.isPrintableString(value) ? { printableString: value } : { utf8String: value };
}

export interface AlternativeNames {
  dnsNames: string[];
  ipAddresses: string[];
  uris: string[];
}

/** The alternative names in a resource's inputs. */
export function alternativeNames({
  dnsNames = [],
  ipAddresses = [],
  uris = [],
}: Partial<AlternativeNames>): AlternativeNames {
  return { dnsNames, ipAddresses, uris };
}

/** The alternative names that a request asks for; like the provider, it knows no other kinds. */
export function requestedNames(request: x509.Pkcs10CertificateRequest): AlternativeNames {
  const asked = request.extensions.find(
    (extension) => extension instanceof x509.SubjectAlternativeNameExtension,
  );
  const ofType = (type: x509.GeneralNameType) =>
    (asked?.names.items ?? []).filter((name) => name.type === type).map(({ value }) => value);
  return { dnsNames: ofType("dns"), ipAddresses: ofType("ip"), uris: ofType("url") };
}
