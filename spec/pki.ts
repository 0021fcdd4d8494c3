import { z } from "zod";

/** The two uses of a CA: among members, and between members and their clients. */
export const authorityKinds = ["peer", "client"] as const;
export type AuthorityKind = (typeof authorityKinds)[number];

const number = z
  .int("must be a CA's number: 1 is the first, each new one is one more")
  .min(1, "must be 1 or more: 1 is the first CA, each new one is one more")
  .max(999, "must be 999 at most");

const rotated = z
  .strictObject({
    /**
     * Numbers of the CAs that are trusted. A number that is new here makes a CA; one that is taken out deletes it, with
     * its key.
     */
    trusted: z
      .array(number)
      .min(1, "must name the CA that issues")
      .max(2, "must name two at most: end one rotation before you begin the next")
      .default([1]),
    /** Number of the CA that issues. */
    issuer: number.default(1),
  })
  .prefault({});

const days = (least: number, most: number) => {
  const rule = `must be a whole number of days from ${least} to ${most}`;
  return z.int(rule).min(least, rule).max(most, rule);
};

/** The cluster's CAs, and how long certificates hold. */
export const pkiSchema = z
  .strictObject({
    /**
     * The CAs for peers and for clients, by numbers. A CA is rotated in three steps, each declared by itself: trust the
     * new one too, issue from it, trust it alone (docs/operations/rotate-certificates.md).
     */
    authorities: z.strictObject({ peer: rotated, client: rotated }).prefault({}),
    /** Days that a CA is valid that is made from now on. @default 3650, ten years */
    caValidity: days(365, 7300).default(3650),
    /** Days that the certificates of members and clients are valid. @default 365, one year */
    leafValidity: days(7, 1095).default(365),
    /**
     * How many days before its end a certificate is renewed, by the next `pulumi up` in that time. Pipelines need a
     * schedule for it. @default 60
     */
    renewal: days(1, 365).default(60),
  })
  .prefault({});

export type PkiSpec = z.output<typeof pkiSchema>;

/** Which CAs of one kind are trusted, and which one issues. */
export type Authorities = PkiSpec["authorities"][AuthorityKind];
