import { isDeepStrictEqual } from "node:util";
import { authorityWords } from "../../contract/authorities";
import { memberPkiParameters, pkiFiles } from "../../contract/paths";
import type { StatusRecord } from "../../contract/records";
import type { Check } from "./check";
import type { Declaration } from "./declaration";
import type { Certificate, Evidence } from "./evidence";
import { days } from "./units";

const day = 86_400_000;

/** How long before its end a certificate is named: leaves renew themselves long before, a CA takes people some time. */
const early = {
  leaf: { share: 1 / 12, most: 30 * day, advice: "and nothing has renewed it; run pulumi up" },
  authority: {
    share: 1 / 4,
    most: 180 * day,
    advice: "and what it issued ends with it; rotate it (docs/operations/rotate-certificates.md)",
  },
} as const;

/** One check per holder: a member or a user of etcd. */
export function certificateChecks({ certificates }: Declaration, evidence: Evidence, now: Date): Check[] {
  const holderOf = (name: string) => name.split("/").at(-2)!;
  return [...new Set(certificates.map(holderOf))].map((subject) => {
    const found = certificates
      .filter((name) => holderOf(name) === subject)
      .map((name) => [name.slice(name.lastIndexOf("/") + 1), evidence.certificates[name]] as const);
    const ends = found.flatMap(([, each]) => (Array.isArray(each) ? each : [])).map(({ to }) => to);
    const first = ends.sort((a, b) => a.getTime() - b.getTime())[0];
    return {
      check: "certificates",
      subject,
      causes: found.flatMap(([file, each]) => certificateCauses(file, each, now)),
      seen: first
        ? `${ends.length}, the first ends ${first.toISOString().slice(0, 10)} (${days(first, now)})`
        : "",
    };
  });
}

function certificateCauses(file: string, found: Certificate[] | string | undefined, now: Date): string[] {
  if (found === undefined) return [`${file} is not in Parameter Store; run pulumi up`];
  if (typeof found === "string") return [`${file} ${found}`];
  const { share, most, advice } = early[file.endsWith("ca.crt") ? "authority" : "leaf"];
  return found.flatMap(({ subject, from, to }) => {
    const left = to.getTime() - now.getTime();
    const which = `${file} (${subject})`;
    if (left <= 0) return [`${which} ended ${to.toISOString()}; run pulumi up`];
    if (from.getTime() > now.getTime()) return [`${which} is valid only from ${from.toISOString()}`];
    if (left < Math.min(most, (to.getTime() - from.getTime()) * share))
      return [`${which} ends in ${days(to, now)}, ${advice}`];
    return [];
  });
}

/** Where a member's running etcd uses other certificates than lie in Parameter Store: its machine mends that in time. */
export function inUseCauses(
  cluster: string,
  { member, pki, message }: StatusRecord,
  evidence: Evidence,
): string[] {
  if (!pki) return [];
  const stored = (file: string) => {
    const found = evidence.certificates[`${memberPkiParameters(cluster, member)}/${file}`];
    return Array.isArray(found) ? found.map(({ sha256 }) => sha256) : undefined;
  };
  const uses = [
    ["peer", pkiFiles.peerCa, pkiFiles.peerCert],
    ["client", pkiFiles.clientCa, pkiFiles.serverCert],
  ] as const;
  return uses.flatMap(([use, authorities, own]) => {
    const { trusted, certificate, until } = pki[use];
    const [declared, leaf] = [stored(authorities), stored(own)];
    const words = authorityWords[use];
    const found: string[] = [];
    if (declared && !isDeepStrictEqual([...declared].sort(), [...trusted].sort()))
      found.push(
        `its etcd does not trust the CAs for ${words} that are declared by now; it restarts for them while all others are well${message === "" ? "" : `: ${message}`}`,
      );
    if (leaf && !leaf.includes(certificate))
      found.push(
        `shows ${words} a certificate of before, which ends ${until.slice(0, 10)}; it takes the new one within six minutes`,
      );
    return found;
  });
}
