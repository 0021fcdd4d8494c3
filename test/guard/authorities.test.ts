import { authoritiesRecord } from "../../contract/authorities";
import type { StatusRecord } from "../../contract/records";
import type { apiServersOf } from "../../guard/apiServers";
import { authoritiesVerdict, withoutMembers, type AuthoritiesChange } from "../../guard/authorities";
import type { Verdict } from "../../guard/facts";
import type { Authorities } from "../../spec/pki";
import { dead, known, minute, reporting, said, type Known } from "./facts";

const hash = (kind: "peer" | "client", number: number) =>
  `${kind === "peer" ? "a" : "c"}${number}`.repeat(32);
const one = (trusted: number[], issuer: number): Authorities => ({ trusted, issuer });
const both = (each: Authorities) => ({ peer: each, client: each });
const recorded = (declared: ReturnType<typeof both>) =>
  authoritiesRecord(declared, {
    peer: [...declared.peer.trusted].sort().map((number) => hash("peer", number)),
    client: [...declared.client.trusted].sort().map((number) => hash("client", number)),
  });

/** What a member reports that trusts these CAs and shows certificates of that one. */
function pki(trusted: number[], issuer: number): StatusRecord["pki"] {
  const use = (kind: "peer" | "client") => ({
    trusted: trusted.map((number) => hash(kind, number)),
    certificate: "f".repeat(64),
    until: "2027-11-24T22:00:00Z",
    issuer: hash(kind, issuer),
  });
  return { peer: use("peer"), client: use("client") };
}

let situation: Known;
let apiServers: ReturnType<typeof apiServersOf>;

beforeEach(() => {
  situation = known();
  apiServers = { reports: [], broken: [] };
});

function all(reported: StatusRecord["pki"]): void {
  for (const { name } of situation.declared.members) reporting(situation, name, { pki: reported });
}

function verdict(before: Authorities, after: Authorities, changed: Partial<AuthoritiesChange> = {}): Verdict {
  const { members } = situation.declared;
  const change = { before: recorded(both(before)), after: both(after), members, ...changed };
  return withoutMembers(change) ?? authoritiesVerdict(change, situation.evidence, apiServers);
}

test.each<[string, Authorities, Authorities]>([
  ["nothing", one([1], 1), one([1], 1)],
  ["the other order of two", one([1, 2], 1), one([2, 1], 1)],
  ["a second one that is trusted", one([1], 1), one([1, 2], 1)],
])("%s takes no look at members", (_, before, after) => {
  situation.evidence.reports = [];
  expect(said(verdict(before, after))).toContain("allow: every CA that was trusted stays so");
});

describe("issuing from another CA", () => {
  const before = one([1, 2], 1);
  const after = one([1, 2], 2);

  test("is allowed once every member's etcd trusts it, and says what nobody reports", () => {
    all(pki([1, 2], 1));
    expect(verdict(before, after)).toMatchObject({
      kind: "allow",
      warning: expect.stringContaining("each has to run with the ca.crt of now") as string,
    });
  });

  test("waits for a member that does not, and repeats what it says", () => {
    all(pki([1, 2], 1));
    reporting(situation, "member3", { pki: pki([1], 1), message: "waiting: member2 to answer" });
    const text = said(verdict(before, after));
    expect(text).toMatch(
      /^wait: member3: its etcd does not trust CA 2 for peers yet \("waiting: member2 to answer"\)/,
    );
    expect(text).toContain("member3: its etcd does not trust CA 2 for clients yet");
    expect(text).not.toContain("member2:");
  });

  test("waits for a member that tells nothing of it, or nothing at all", () => {
    all(pki([1, 2], 1));
    reporting(situation, "member2", { pki: undefined });
    reporting(situation, "member3", { pki: pki([1, 2], 1) }, 5 * minute);
    const text = said(verdict(before, after));
    expect(text).toMatch(/^wait: member2: it does not tell what it trusts; member3: its last report is of/);
  });

  test("does not wait for a member without a machine, which gets the files of now with its next one", () => {
    all(pki([1, 2], 1));
    dead(situation, "member4");
    expect(verdict(before, after).kind).toBe("allow");
  });

  test("waits for a machine of a member that is declared no more", () => {
    all(pki([1, 2], 1));
    reporting(situation, "member5", { pki: pki([1], 1) });
    const members = situation.declared.members.slice(0, 4);
    expect(said(verdict(before, after, { members }))).toMatch(/^wait: member5: /);
  });

  test("may be taken back", () => {
    all(pki([1, 2], 2));
    expect(verdict(after, before).kind).toBe("allow");
  });

  test("is told apart by certificates, not by numbers", () => {
    all({
      peer: pki([1, 2], 1)!.peer,
      client: { ...pki([1, 2], 1)!.client, trusted: [hash("client", 1), "e".repeat(64)] },
    });
    expect(said(verdict(before, after))).toMatch(
      /^wait: member1: its etcd does not trust CA 2 for clients yet/,
    );
  });
});

describe("trusting a CA no more", () => {
  const before = one([1, 2], 2);
  const after = one([2], 2);

  test("is allowed once nobody shows a certificate of it, and says what nobody reports", () => {
    all(pki([1, 2], 2));
    expect(verdict(before, after)).toMatchObject({
      kind: "allow",
      warning: expect.stringContaining("each has to run with the client.crt of now") as string,
    });
  });

  test("waits while a member shows a certificate of it", () => {
    all(pki([1, 2], 2));
    reporting(situation, "member3", { pki: pki([1, 2], 1) });
    expect(said(verdict(before, after))).toMatch(
      /^wait: member3: its etcd shows a certificate for peers that was issued by CA 1; member3: .* for clients that was issued by CA 1/,
    );
  });

  test("waits while a member does not trust the other one", () => {
    all(pki([1, 2], 2));
    reporting(situation, "member3", { pki: pki([1], 2) });
    expect(said(verdict(before, after))).toMatch(
      /^wait: member3: its etcd does not trust CA 2 for peers yet/,
    );
  });

  test("waits where the issuer of what a member shows is not known", () => {
    all(pki([1, 2], 2));
    const { peer, client } = pki([1, 2], 2)!;
    reporting(situation, "member3", { pki: { client, peer: { ...peer, issuer: undefined } } });
    expect(said(verdict(before, after))).toMatch(/for peers that was issued by a CA that is not trusted/);
  });

  test("of one that nobody used yet takes a rotation back", () => {
    all(pki([1, 2], 1));
    expect(verdict(one([1, 2], 1), one([1], 1)).kind).toBe("allow");
  });
});

test.each<[string, Authorities, Authorities]>([
  ["issue from a CA that is not trusted yet", one([1], 1), one([1, 2], 2)],
  ["replace the CA in one step", one([1], 1), one([2], 2)],
  ["issue from the new one and drop the old one", one([1, 2], 1), one([2], 2)],
  ["exchange one for another", one([1, 2], 1), one([1, 3], 1)],
])("no declaration may %s, in a preview either", (_, before, after) => {
  const refused = verdict(before, after);
  expect(refused).toMatchObject({ kind: "refuse", inPreview: true });
  expect(said(refused)).toMatch(/^refuse: pki\.authorities\.peer: \{ trusted: .* changes two things at once/);
});

test("each kind takes its own step", () => {
  all(pki([1, 2], 1));
  const before = recorded({ peer: one([1, 2], 1), client: one([1], 1) });
  const after = { peer: one([1, 2], 2), client: one([1, 2], 1) };
  expect(verdict(one([1], 1), one([1], 1), { before, after }).kind).toBe("allow");
});

test("a CA that was made anew under its number is refused", () => {
  const made = recorded(both(one([1, 2], 1)));
  made.peer.trusted[0]!.sha256 = "e".repeat(64);
  expect(said(verdict(one([1], 1), one([1, 2], 1), { made }))).toMatch(
    /^refuse: CA 1 for peers was made anew, and no member trusts its new certificate \| Put the CAs back/,
  );
});

describe("without a record of what was declared before", () => {
  const unknown = { before: undefined };

  test("the first CAs are allowed, and a second one that is trusted", () => {
    for (const after of [one([1], 1), one([1, 2], 1)])
      expect(verdict(one([1], 1), after, unknown).kind).toBe("allow");
  });

  test("a cluster that runs takes no other step", () => {
    const after = { peer: one([1], 1), client: one([2], 2) };
    expect(verdict(one([1], 1), one([1], 1), { before: undefined, after }).kind).toBe("refuse");
  });

  test("a cluster that was never deployed, or never formed, begins with whatever is declared", () => {
    const change = { after: both(one([2], 2)), members: situation.declared.members };
    expect(withoutMembers(change)).toBeUndefined();
    const problem = "ssm:GetParameter: ParameterNotFound: no";
    expect(authoritiesVerdict(change, { problem, passing: false }, apiServers).kind).toBe("allow");
    Object.assign(situation.evidence, { started: [], founders: [], reports: [] });
    expect(authoritiesVerdict(change, situation.evidence, apiServers).kind).toBe("allow");
  });
});

test("waits where AWS does not answer", () => {
  const change = { before: recorded(both(one([1, 2], 1))), after: both(one([1, 2], 2)), members: [] };
  expect(said(authoritiesVerdict(change, { problem: "throttled", passing: true }, apiServers))).toMatch(
    /^wait: AWS cannot be asked which CAs members trust: throttled/,
  );
});

describe("an API server", () => {
  const issuing: [Authorities, Authorities] = [one([1, 2], 1), one([1, 2], 2)];
  const dropping: [Authorities, Authorities] = [one([1, 2], 2), one([2], 2)];

  function reports(
    trusted: number[],
    issuer: number,
    changed: { running?: boolean; age?: number } = {},
  ): void {
    const { running = true, age = minute } = changed;
    const report = {
      version: 1 as const,
      instance: "i-0123456789abcdef0",
      running,
      pki: pki(trusted, issuer)!.client,
      message: "",
      time: "2026-11-24T22:00:00Z",
    };
    apiServers.reports = [{ report, modified: situation.evidence.now - age }];
  }

  test("that does not trust what is to issue, or shows what is to be dropped, holds the step up", () => {
    all(pki([1, 2], 1));
    reports([1], 1);
    expect(said(verdict(...issuing))).toMatch(
      /^wait: i-0123456789abcdef0: its kube-apiserver does not trust CA 2 for clients yet/,
    );
    all(pki([1, 2], 2));
    reports([1, 2], 1);
    expect(said(verdict(...dropping))).toMatch(
      /^wait: i-0123456789abcdef0: its kube-apiserver shows a certificate for clients that was issued by CA 1/,
    );
  });

  test("that is ready holds nothing up, and nothing is left to warn of", () => {
    all(pki([1, 2], 2));
    reports([1, 2], 2);
    expect(verdict(...dropping)).toMatchObject({ kind: "allow", warning: undefined });
  });

  test("that does not run there has nothing to lose", () => {
    all(pki([1, 2], 1));
    reports([1], 1, { running: false });
    expect(verdict(...issuing).kind).toBe("allow");
  });

  test("that has been silent for long is warned of", () => {
    all(pki([1, 2], 2));
    reports([1, 2], 2);
    const heard = apiServers.reports[0]!;
    const silent = { ...heard.report, instance: "i-0fedcba9876543210", pki: pki([1], 1)!.client };
    apiServers.reports.push({ report: silent, modified: situation.evidence.now - 61 * minute });
    expect(verdict(...dropping)).toMatchObject({
      kind: "allow",
      warning: expect.stringContaining("i-0fedcba9876543210 have not reported for an hour") as string,
    });
  });

  test("that cannot be asked for is waited for", () => {
    all(pki([1, 2], 2));
    const { members } = situation.declared;
    const change = { before: recorded(both(dropping[0])), after: both(dropping[1]), members };
    expect(
      said(authoritiesVerdict(change, situation.evidence, { problem: "throttled", passing: true })),
    ).toMatch(/^wait: AWS cannot be asked which CAs API servers trust: throttled/);
  });
});
