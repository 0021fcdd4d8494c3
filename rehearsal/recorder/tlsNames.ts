import "reflect-metadata";
import * as x509 from "@peculiar/x509";

/** Names and usages of @pulumi/tls in the terms of X.509. */

/** Key usages; those without a bit are extended ones. Beyond those that etcd needs, unverified against the plugin. */
const keyUsageBits: Readonly<Record<string, x509.KeyUsageFlags>> = {
  digital_signature: x509.KeyUsageFlags.digitalSignature,
  content_commitment: x509.KeyUsageFlags.nonRepudiation,
  key_encipherment: x509.KeyUsageFlags.keyEncipherment,
  data_encipherment: x509.KeyUsageFlags.dataEncipherment,
  key_agreement: x509.KeyUsageFlags.keyAgreement,
  cert_signing: x509.KeyUsageFlags.keyCertSign,
  crl_signing: x509.KeyUsageFlags.cRLSign,
};
const extendedKeyUsages: Readonly<Record<string, string>> = {
  server_auth: x509.ExtendedKeyUsage.serverAuth,
  client_auth: x509.ExtendedKeyUsage.clientAuth,
};

/** The usage extensions of `allowedUses`, in their order; none for what no use asks. */
export function usageExtensions(allowedUses: readonly string[]): x509.Extension[] {
  const unknown = allowedUses.filter((use) => !(use in keyUsageBits) && !(use in extendedKeyUsages));
  if (unknown.length > 0) throw new Error(`allowedUses: ${unknown.join(", ")}: not issued here`);
  const bits = allowedUses.reduce((all, use) => all | (keyUsageBits[use] ?? 0), 0);
  const extended = allowedUses.flatMap((use) => extendedKeyUsages[use] ?? []);
  return [
    ...(bits === 0 ? [] : [new x509.KeyUsagesExtension(bits, true)]),
    ...(extended.length === 0 ? [] : [new x509.ExtendedKeyUsageExtension(extended)]),
  ];
}

export interface AlternativeNames {
  dnsNames: string[];
  ipAddresses: string[];
  uris: string[];
}

/** The extension that carries alternative names, in the plugin's order; none if there are no names. */
export function alternativeNameExtension(
  { dnsNames, ipAddresses, uris }: AlternativeNames,
  critical = false,
) {
  const names = [
    ...dnsNames.map((value) => ({ type: "dns" as const, value })),
    ...ipAddresses.map((value) => ({ type: "ip" as const, value })),
    ...uris.map((value) => ({ type: "url" as const, value })),
  ];
  return names.length === 0 ? [] : [new x509.SubjectAlternativeNameExtension(names, critical)];
}

/** The alternative names that a request or certificate carries. */
export function alternativeNamesOf(source: x509.Pkcs10CertificateRequest): AlternativeNames {
  const found = source.extensions.find((each) => each instanceof x509.SubjectAlternativeNameExtension);
  const of = (type: string) =>
    (found?.names.items ?? []).filter((name) => name.type === type).map(({ value }) => value);
  return { dnsNames: of("dns"), ipAddresses: of("ip"), uris: of("url") };
}

/** Parts of a subject in the order in which the plugin writes them. Beyond O and CN unverified. */
const subjectParts = [
  ["C", "country"],
  ["O", "organization"],
  ["OU", "organizationalUnit"],
  ["L", "locality"],
  ["ST", "province"],
  ["CN", "commonName"],
] as const;

/** A subject of @pulumi/tls as an X.501 name. */
export function subjectName(subject: Record<string, unknown> | undefined): x509.Name {
  const parts = subjectParts.flatMap(([part, key]) => {
    const value = subject?.[key];
    return typeof value === "string" && value !== "" ? [{ [part]: [stringOf(value)] }] : [];
  });
  return new x509.Name(parts);
}

/** PrintableString where the text allows it, else UTF8String: Go's choice. */
function stringOf(value: string): { printableString: string } | { utf8String: string } {
  return /^[A-Za-z0-9 '()+,\-./:=?]*$/.test(value) ? { printableString: value } : { utf8String: value };
}
