import { look, NotKnown, type Finding } from "./finding";
import type { Account } from "./needs";

/** Milliseconds until a mirror that does not answer is given up. */
const answerLimit = 10_000;

/** Whether the declared checksum is what the mirror publishes beside its archives; the archive itself is not loaded. */
export function mirrorLook({ needs, signal }: Account): Promise<Finding> {
  const { mirror, version, checksums, machine, environment } = needs.spec;
  const archive = `etcd-v${version}-linux-${machine.architecture}.tar.gz`;
  const setting = `etcd:checksums.${machine.architecture}`;
  return look("checksum", archive, { signal }, async () => {
    const declared = checksums[machine.architecture];
    const url = `${mirror}/v${version}/SHA256SUMS`;
    const published = await publishedIn(url, archive, signal);
    const seen = `${setting} is what ${url} says`;
    if (declared === published) return { seen, problems: [] };
    const problem =
      declared === undefined
        ? `is not declared, and machines of production run no etcd without it: set ${setting} to ${published}`
        : `${setting} is ${declared}, and ${url} says ${published}: find out which is right`;
    // A testing machine takes what the mirror publishes.
    const fine = declared === undefined && environment === "testing";
    return { seen: `not declared; ${url} says ${published}`, problems: fine ? [] : [problem] };
  });
}

async function publishedIn(url: string, archive: string, signal: AbortSignal): Promise<string> {
  const text = await fetch(url, { signal: AbortSignal.any([signal, AbortSignal.timeout(answerLimit)]) })
    .then((response) => {
      if (!response.ok) throw new Error(`HTTP ${response.status}`);
      return response.text();
    })
    .catch((error: Error) => {
      const reason = (error.cause as Error | undefined)?.message ?? error.message;
      throw new NotKnown(`${url}: ${reason}; machines may reach it, this computer does not`);
    });
  const line = text.split("\n").find((each) => each.endsWith(`  ${archive}`));
  if (line === undefined) throw new NotKnown(`${url} names no ${archive}`);
  return line.slice(0, 64);
}
