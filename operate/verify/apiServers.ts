import { isDeepStrictEqual } from "node:util";
import { apiServerReports, clientPkiParameters } from "../../contract/paths";
import { apiServerSilence } from "../../guard/apiServers";
import type { ApiServerFacts } from "../../guard/facts";
import { printable } from "../../text/printable";
import type { Check } from "./check";
import type { Declaration } from "./declaration";
import type { Evidence } from "./evidence";
import { ago } from "./units";

/** One check per machine that reports, and one of what lies there besides. */
export function apiServerChecks({ cluster }: Declaration, evidence: Evidence, now: Date): Check[] {
  const { reports, broken } = evidence.apiServers;
  const check = "API server" as const;
  return [
    ...reports.map((facts) => ({
      check,
      subject: facts.report.instance,
      causes: causesOf(cluster, facts, evidence, now),
      seen: `${facts.report.running ? "runs" : "no kube-apiserver"}, its certificate ends ${facts.report.pki.until.slice(0, 10)}`,
    })),
    ...broken.map((problem) => ({ check, subject: cluster, causes: [printable(problem)], seen: "" })),
  ];
}

function causesOf(
  cluster: string,
  { report, modified }: ApiServerFacts,
  { certificates }: Evidence,
  now: Date,
): string[] {
  const { instance, running, pki, message } = report;
  if (now.getTime() - modified > apiServerSilence)
    return [
      `last reported ${ago(new Date(modified), now)}: see that etcd-client.timer runs there; if the machine is gone, delete the parameter ${apiServerReports(cluster)}/${instance}`,
    ];
  if (!running) return [];
  const stored = (file: string) => {
    const found = certificates[`${clientPkiParameters(cluster, "apiserver")}/${file}`];
    return Array.isArray(found) ? found.map(({ sha256 }) => sha256).sort() : undefined;
  };
  const said = message === "" ? "" : `: ${message}`;
  const [declared, own] = [stored("ca.crt"), stored("client.crt")];
  const causes: string[] = [];
  if (declared && !isDeepStrictEqual(declared, [...pki.trusted].sort()))
    causes.push(`runs with other CAs than are declared by now; its machine restarts it for them${said}`);
  if (own && !own.includes(pki.certificate))
    causes.push(
      `shows a certificate of before, which ends ${pki.until.slice(0, 10)}; its machine takes the new one within six minutes${said}`,
    );
  return causes;
}
