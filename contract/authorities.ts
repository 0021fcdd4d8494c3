import { authorityKinds, type Authorities, type AuthorityKind, type PkiSpec } from "../spec/pki";
import type { AuthoritiesRecord } from "./schemas";

/** What a CA of each kind is for, in words. */
export const authorityWords = { peer: "peers", client: "clients" } as const;

/** What is declared before anything is said: one CA of each kind. */
export const firstAuthorities: Authorities = { trusted: [1], issuer: 1 };

/**
 * What is declared about CAs, by number and certificate.
 * @param sha256 of the trusted CAs' certificates, in the order of their numbers
 */
export function authoritiesRecord(
  authorities: PkiSpec["authorities"],
  sha256: Readonly<Record<AuthorityKind, readonly string[]>>,
): AuthoritiesRecord {
  const of = (kind: AuthorityKind) => ({
    trusted: [...authorities[kind].trusted]
      .sort((a, b) => a - b)
      .map((number, index) => ({ number, sha256: sha256[kind][index]! })),
    issuer: authorities[kind].issuer,
  });
  return { version: 1, peer: of("peer"), client: of("client") };
}

/** The numbers of a record's CAs, as the settings have them. */
export function numbersOf({ trusted, issuer }: AuthoritiesRecord[AuthorityKind]): Authorities {
  return { trusted: trusted.map(({ number }) => number), issuer };
}

/** What one declaration does to the CAs of a kind that another one had. */
export interface Step {
  /** Numbers that are trusted from now on, and no longer. */
  added: number[];
  dropped: number[];
  /** Whether another CA issues. */
  issues: boolean;
}

export function stepOf(before: Authorities, after: Authorities): Step {
  return {
    added: after.trusted.filter((number) => !before.trusted.includes(number)),
    dropped: before.trusted.filter((number) => !after.trusted.includes(number)),
    issues: before.issuer !== after.issuer,
  };
}

/** Why a declaration is no single step from the one before, for each kind of CA; empty if it is one. */
export function jumps(
  before: Readonly<Record<AuthorityKind, Authorities>>,
  after: Readonly<Record<AuthorityKind, Authorities>>,
): string[] {
  return authorityKinds.flatMap((kind) => {
    const { added, dropped, issues } = stepOf(before[kind], after[kind]);
    if ([added.length > 0, dropped.length > 0, issues].filter(Boolean).length < 2) return [];
    const [was, is] = [before[kind], after[kind]].map(
      ({ trusted, issuer }) =>
        `{ trusted: ${JSON.stringify(trusted).replace(",", ", ")}, issuer: ${issuer} }`,
    );
    return [
      `pki.authorities.${kind}: ${was} → ${is} changes two things at once; declare one step at a time: trust a CA, or issue from one that is trusted, or trust one no more`,
    ];
  });
}
