import type { ApiServerReport } from "../../../contract/schemas";
import type { Evidence } from "../../../operate/verify/evidence";
import { judge } from "../../../operate/verify/judge";
import { before, wellCluster } from "./cluster";

const instance = "i-0123456789abcdef0";
const pki = "/etcd/prod/pki/clients/apiserver";
const hash = (digit: string) => digit.repeat(64);

/** What verify says of API servers where a machine reports this. */
function said(changed: Partial<ApiServerReport> = {}, { age = 60, broken = [] as string[] } = {}): string[] {
  const { declaration, evidence } = wellCluster();
  const stored = (sha256: string): Evidence["certificates"][string] => [
    { subject: "CN", sha256, from: before(10), to: before(-400 * 86_400) },
  ];
  const report: ApiServerReport = {
    version: 1,
    instance,
    running: true,
    pki: { trusted: [hash("a")], certificate: hash("c"), until: "2027-11-24T22:00:00Z", issuer: hash("a") },
    message: "",
    time: "2026-11-24T22:00:00Z",
    ...changed,
  };
  const modified = before(age).getTime();
  const checks = judge(declaration, {
    ...evidence,
    certificates: {
      ...evidence.certificates,
      [`${pki}/ca.crt`]: stored(hash("a")),
      [`${pki}/client.crt`]: stored(hash("c")),
    },
    apiServers: { reports: [{ report, modified }], broken },
  });
  return checks
    .filter(({ check }) => check === "API server")
    .map(({ subject, causes, seen }) => `${subject}: ${causes.join("; ") || seen}`);
}

test("an API server that runs with what is declared has no cause", () => {
  expect(said()).toEqual([`${instance}: runs, its certificate ends 2027-11-24`]);
});

test("one that trusts or shows what was declared before is named, and what its machine says", () => {
  const used = { trusted: [hash("b")], certificate: hash("d"), until: "2026-12-24T22:00:00Z" };
  const [text] = said({ pki: { ...used, issuer: undefined }, message: "waiting: another machine" });
  expect(text).toContain("runs with other CAs than are declared by now");
  expect(text).toContain("shows a certificate of before, which ends 2026-12-24");
  expect(text).toContain("waiting: another machine");
});

test("a machine where none runs has nothing to mend", () => {
  const pki = { trusted: [hash("b")], certificate: hash("c"), until: "2027-11-24T22:00:00Z" };
  expect(said({ running: false, pki: { ...pki, issuer: undefined } })).toEqual([
    `${instance}: no kube-apiserver, its certificate ends 2027-11-24`,
  ]);
});

test("a machine that has been silent for over an hour is named, with the ways out", () => {
  expect(said({}, { age: 3601 })).toEqual([
    `${instance}: last reported 60 min ago: see that etcd-client.timer runs there; if the machine is gone, delete the parameter /etcd/prod/api-servers/${instance}`,
  ]);
});

test("what is no report is named without what a terminal obeys", () => {
  expect(said({}, { broken: ["/etcd/prod/api-servers/x: \u001b[2Jis wrong"] })[1]).toMatch(/^prod: [ -~]+$/);
});
