import { authorityWords, firstAuthorities, jumps, numbersOf, stepOf } from "../contract/authorities";
import type { AuthoritiesRecord, StatusRecord } from "../contract/records";
import type { ApiServerReport } from "../contract/schemas";
import { authorityKinds, type Authorities, type AuthorityKind } from "../spec/pki";
import { apiServerSilence, type apiServersOf } from "./apiServers";
import { neverFormed } from "./decision";
import type { ApiServerFacts, Evidence, NoEvidence, Verdict } from "./facts";
import { faultProblem, reportOf } from "./reports";
import { unreadable } from "./unreadable";

/** A change of the CAs that a cluster declares. */
export interface AuthoritiesChange {
  /** What was declared before; undefined if that is not recorded, as by older versions of this project. */
  before?: AuthoritiesRecord;
  /** What is declared now. */
  after: Readonly<Record<AuthorityKind, Authorities>>;
  /** The same with its certificates; undefined in a preview that does not know them yet. */
  made?: AuthoritiesRecord;
  members: readonly { name: string }[];
}

const guide = "docs/operations/rotate-certificates.md";

/** The verdict on what needs no look at the members: no step at all, a CA that is trusted besides, or a jump. */
export function withoutMembers({ before, after, made }: AuthoritiesChange): Verdict | undefined {
  const then = declaredBefore(before);
  const problems = before ? [...jumps(then, after), ...madeAnew(before, made)] : [];
  if (problems.length > 0)
    return {
      kind: "refuse",
      problems,
      remedy: `Put the CAs back as they were, and take the steps of ${guide}.`,
      inPreview: true,
    };
  const needs = authorityKinds.some((kind) => {
    const { dropped, issues } = stepOf(then[kind], after[kind]);
    return issues || dropped.length > 0;
  });
  return needs ? undefined : { kind: "allow", because: "every CA that was trusted stays so" };
}

/** Whether a step that takes something from the CAs in use may be taken, by what members report. */
export function authoritiesVerdict(
  change: AuthoritiesChange,
  evidence: Evidence | NoEvidence,
  apiServers: ReturnType<typeof apiServersOf> | NoEvidence,
): Verdict {
  const { before, after, members } = change;
  if ("problem" in evidence) {
    if (before === undefined && evidence.problem.includes("ParameterNotFound"))
      return { kind: "allow", because: "the cluster was never deployed" };
    return unreadable([`AWS cannot be asked which CAs members trust: ${evidence.problem}`], evidence);
  }
  if (neverFormed({ members }, evidence)) return { kind: "allow", because: "the cluster never formed" };
  if (before === undefined)
    return {
      kind: "refuse",
      problems: ["which CAs were declared before is not recorded yet"],
      remedy: `Declare { trusted: [1], issuer: 1 } for peers and clients once, run pulumi up, then take the steps of ${guide}.`,
      inPreview: true,
    };
  if ("problem" in apiServers)
    return unreadable([`AWS cannot be asked which CAs API servers trust: ${apiServers.problem}`], apiServers);
  const [heard, silent] = heardOf(apiServers.reports, evidence.now);
  const problems = [
    ...membersOf(members, evidence).flatMap((name) => problemsOf(name, before, after, evidence)),
    ...heard.flatMap(({ report }) => apiServerProblems(report, before, after)),
  ];
  if (problems.length > 0)
    return {
      kind: "wait",
      problems,
      remedy: `A machine takes new files within six minutes, and restarts etcd, or kube-apiserver, for a new CA while all others are well. Wait, then run pulumi up again; npm run verify names what stops a member. If the last pulumi up did not end, put its settings back and run it to its end first.`,
    };
  return {
    kind: "allow",
    because: "every member is ready for it",
    warning: clientsWarning(before, after, heard, silent),
  };
}

function declaredBefore(before?: AuthoritiesRecord): Record<AuthorityKind, Authorities> {
  return before
    ? { peer: numbersOf(before.peer), client: numbersOf(before.client) }
    : { peer: firstAuthorities, client: firstAuthorities };
}

/** A CA that keeps its number and gets another certificate: members would not trust what it issues. */
function madeAnew(before?: AuthoritiesRecord, made?: AuthoritiesRecord): string[] {
  return authorityKinds.flatMap((kind) =>
    (before?.[kind].trusted ?? []).flatMap(({ number, sha256 }) => {
      const now = made?.[kind].trusted.find((ca) => ca.number === number)?.sha256;
      return now === undefined || now === sha256
        ? []
        : [
            `CA ${number} for ${authorityWords[kind]} was made anew, and no member trusts its new certificate`,
          ];
    }),
  );
}

/** Those with a machine: whoever has none gets the files of now with its next one. */
function membersOf(members: AuthoritiesChange["members"], { machines }: Evidence): string[] {
  const known = new Set([...members.map(({ name }) => name), ...machines.map(({ member }) => member)]);
  return [...known].filter((name) => machines.some(({ member }) => member === name));
}

function problemsOf(
  name: string,
  before: AuthoritiesRecord,
  after: AuthoritiesChange["after"],
  evidence: Evidence,
): string[] {
  const { report, fault } = reportOf(name, evidence);
  if (fault) return [`${name}: ${faultProblem(fault, evidence.now)}`];
  const { status } = report!;
  const { pki } = status;
  if (!pki) return [`${name}: it does not tell what it trusts${told(status)}`];
  return authorityKinds.flatMap((kind) =>
    useProblems(`${name}: its etcd`, { ...pki[kind], message: status.message }, kind, before, after),
  );
}

/** What an API server is not ready for: it is a client. */
function apiServerProblems(
  { instance, running, pki, message }: ApiServerReport,
  before: AuthoritiesRecord,
  after: AuthoritiesChange["after"],
): string[] {
  const who = `${instance}: its kube-apiserver`;
  return running ? useProblems(who, { ...pki, message }, "client", before, after) : [];
}

/** What speaks against a step from what one program trusts and shows. */
function useProblems(
  who: string,
  { trusted, issuer, message }: Pick<ApiServerReport["pki"], "trusted" | "issuer"> & { message: string },
  kind: AuthorityKind,
  before: AuthoritiesRecord,
  after: AuthoritiesChange["after"],
): string[] {
  const { dropped, issues } = stepOf(numbersOf(before[kind]), after[kind]);
  const certificateOf = (number: number) => before[kind].trusted.find((ca) => ca.number === number)?.sha256;
  const found: string[] = [];
  const words = authorityWords[kind];
  if (!issues && dropped.length === 0) return found;
  if (!trusted.includes(certificateOf(after[kind].issuer)!))
    found.push(`${who} does not trust CA ${after[kind].issuer} for ${words} yet${told({ message })}`);
  const kept = after[kind].trusted.map(certificateOf);
  if (dropped.length > 0 && !kept.includes(issuer)) {
    const by = dropped.find((number) => certificateOf(number) === issuer);
    const whose = by === undefined ? "a CA that is not trusted" : `CA ${by}`;
    found.push(`${who} shows a certificate for ${words} that was issued by ${whose}`);
  }
  return found;
}

function told({ message }: Pick<StatusRecord, "message">): string {
  return message === "" ? "" : ` ("${message}")`;
}

/** API servers' reports that count, and those of machines that are silent or gone. */
function heardOf(reports: readonly ApiServerFacts[], now: number): [ApiServerFacts[], ApiServerFacts[]] {
  const isHeard = ({ modified }: ApiServerFacts) => now - modified <= apiServerSilence;
  return [reports.filter(isHeard), reports.filter((each) => !isHeard(each))];
}

/** Clients that do not report: whoever rotates has to see to them. */
function clientsWarning(
  before: AuthoritiesRecord,
  after: AuthoritiesChange["after"],
  heard: readonly ApiServerFacts[],
  silent: readonly ApiServerFacts[],
): string | undefined {
  const { dropped, issues } = stepOf(numbersOf(before.client), after.client);
  if (!issues && dropped.length === 0) return undefined;
  const file = issues ? "ca.crt" : "client.crt";
  const rule = `has to run with the ${file} of now before this step`;
  if (heard.length === 0) return `No API server reports what it runs with: each ${rule}`;
  const names = silent.map(({ report }) => report.instance).join(", ");
  return names === ""
    ? undefined
    : `API servers on ${names} have not reported for an hour: if one is there, it ${rule}`;
}
