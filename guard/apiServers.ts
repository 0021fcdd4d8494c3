import { apiServerReports } from "../contract/paths";
import { readRecord } from "../contract/read";
import { apiServerReportSchema } from "../contract/schemas";
import type { StoredParameter } from "../aws/readers";
import type { ApiServerFacts } from "./facts";

/** After this many milliseconds without a report, a machine's timer is stopped or the machine is gone. */
export const apiServerSilence = 3_600_000;

/**
 * What machines of API servers report, and what is wrong with what lies there besides.
 * @param parameters everything below {@link apiServerReports}
 */
export function apiServersOf(
  cluster: string,
  parameters: readonly StoredParameter[],
): { reports: ApiServerFacts[]; broken: string[] } {
  const read = parameters.map(({ name, value, written }) => {
    const { value: report, problem } = readRecord(apiServerReportSchema, name, value);
    if (problem !== undefined) return { problem };
    if (name !== `${apiServerReports(cluster)}/${report.instance}`)
      return { problem: `${name}: ${report.instance} writes under another's name` };
    return { report, modified: written.getTime() };
  });
  return {
    reports: read.flatMap((each) => (each.report ? [{ report: each.report, modified: each.modified }] : [])),
    broken: read.flatMap(({ problem }) => problem ?? []),
  };
}
