import { isIP } from "node:net";
import { z } from "zod";
import { extendedKeyUsages, keyUsages } from "./uses";

/**
 * The inputs of @pulumi/tls' resources with the provider's defaults. The schemas do not know, and so refuse, what is
 * not issued here: write-only keys and e-mail addresses in subjects.
 */

const text = z.string().min(1);
const hours = z.int().min(0);
const address = z.string().refine((value) => isIP(value) !== 0, {
  error: ({ input }) => `${String(input)}: not an IP address`,
});
const use = z.enum([...Object.keys(keyUsages), ...Object.keys(extendedKeyUsages)], {
  error: ({ input }) => `${String(input)}: no key usage that the provider knows`,
});

const subject = z.strictObject({
  commonName: text.optional(),
  country: text.optional(),
  locality: text.optional(),
  organization: text.optional(),
  organizationalUnit: text.optional(),
  postalCode: text.optional(),
  province: text.optional(),
  serialNumber: text.optional(),
  // Several would form a SET OF, which Go sorts and the library does not.
  streetAddresses: z.array(text).max(1).optional(),
});
export type Subject = z.infer<typeof subject>;

const named = {
  privateKeyPem: text,
  subject: subject.optional(),
  dnsNames: z.array(text).optional(),
  ipAddresses: z.array(address).optional(),
  uris: z.array(text).optional(),
};

const certificate = {
  allowedUses: z.array(use),
  validityPeriodHours: hours,
  earlyRenewalHours: hours.default(0),
  isCaCertificate: z.boolean().default(false),
  maxPathLength: z.int().min(-1).optional(),
  setSubjectKeyId: z.boolean().default(false),
};
export type CertificateInputs = z.infer<z.ZodObject<typeof certificate>>;

export const privateKeyInputs = z.strictObject({
  algorithm: z.enum(["ECDSA", "RSA"], {
    error: ({ input }) => `${String(input)}: only ECDSA and RSA are issued here`,
  }),
  // The provider fills in both defaults, whatever the algorithm.
  ecdsaCurve: z.enum(["P224", "P256", "P384", "P521"]).default("P224"),
  rsaBits: z.int().min(2048).default(2048),
});
export type PrivateKeyInputs = z.infer<typeof privateKeyInputs>;

export const certRequestInputs = z.strictObject(named);

export const selfSignedCertInputs = z.strictObject({
  ...named,
  ...certificate,
  setAuthorityKeyId: z.boolean().default(false),
});

export const locallySignedCertInputs = z.strictObject({
  ...certificate,
  certRequestPem: text,
  caCertPem: text,
  caPrivateKeyPem: text,
});

/**
 * Checks a resource's inputs and fills in the provider's defaults.
 * @throws Error naming each refused input, but no value of a secret one
 */
export function parse<T extends z.ZodType>(schema: T, inputs: unknown): z.output<T> {
  const parsed = schema.safeParse(inputs);
  if (parsed.success) return parsed.data;
  throw new Error(parsed.error.issues.map(({ path, message }) => [...path, message].join(": ")).join("; "));
}
