import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { memberPkiParameters, pkiFiles } from "../../contract/paths";
import type { AuthoritiesRecord } from "../../contract/records";
import { CommandFailed } from "../../tools/run";
import { putIdentity } from "../harness/identity";
import type { Drill } from "../harness/drill";
import type { Scenario } from "../harness/scenario";
import { onHost } from "../world/network";
import { worldDirectory } from "../world/space";

/** Which CAs are trusted and which one issues, of one kind. */
interface Uses {
  trusted: number[];
  issuer: number;
}

/** The files of a client or a member, as curl takes them. */
type Identity = Record<"ca" | "cert" | "key", string>;

export const caRotation: Scenario = {
  name: "ca-rotation",
  title: "both CAs are rotated in three declarations under a writer, and what the old ones issued is refused",
  async run(drill) {
    await drill.foundCluster();
    const old = identities(drill, "old");
    const started = await starts(drill);
    await jump(drill, { trusted: [2], issuer: 2 }, /changes two things at once/);

    await drill.under("a second CA of each kind is trusted: every etcd restarts, one at a time", async () => {
      const second = { trusted: [1, 2], issuer: 1 };
      await drill.stack.declare(settings(second));
      await jump(drill, { trusted: [1, 2], issuer: 2 }, /its etcd does not trust CA 2 for peers yet/);
      await taken(drill, second);
    });
    const restarted = await starts(drill);
    await drill.under("the second ones issue: nothing restarts", async () => {
      const second = { trusted: [1, 2], issuer: 2 };
      await jump(drill, second, /^allowed$/);
      await drill.stack.declare(settings(second));
      await jump(drill, { trusted: [2], issuer: 2 }, /was issued by CA 1/);
      await taken(drill, second);
    });
    const issued = await starts(drill);
    await callAs(old, drill);
    await drill.under("the second ones alone are trusted: every etcd restarts again", async () => {
      const second = { trusted: [2], issuer: 2 };
      await jump(drill, second, /^allowed$/);
      await drill.stack.declare(settings(second));
      await taken(drill, second);
    });
    const last = await starts(drill);
    const same = drill.members.filter((_, at) => restarted[at] !== issued[at]);
    const kept = drill.members.filter((_, at) => started[at] === restarted[at] || issued[at] === last[at]);
    if (same.length + kept.length > 0)
      throw new Error(`restarted without need: ${same.join()}; did not restart: ${kept.join()}`);

    drill.doing(
      "certificates of the old CAs are refused by clients' and peers' ports, those of the new ones are not",
    );
    const now = identities(drill, "new");
    await callAs(now, drill);
    for (const kind of ["client", "peer"] as const) {
      const stranger = { ...old[kind], ca: now[kind].ca };
      const answer = await call(drill, kind, stranger).catch((error: unknown) => {
        if (error instanceof CommandFailed) return error.said;
        throw error;
      });
      if (!/unknown ca|bad certificate|certificate required|alert/.test(answer))
        throw new Error(`the old certificate for ${kind}s was not refused: ${answer}`);
    }
    drill.seen({ what: "four jumps refused; old certificates refused, by clients' port and by peers'" });
  },
};

const settings = (uses: Uses) => ({ pki: { authorities: { peer: uses, client: uses } } });

/** What the guard answers to a declaration; it is not made. */
async function jump(drill: Drill, uses: Uses, expected: RegExp): Promise<void> {
  const answer = await drill.guard.askAuthorities(settings(uses));
  if (!expected.test(answer)) throw new Error(`not ${String(expected)}: ${answer}`);
}

/** Waits until every member's etcd runs with what is declared, and clients have their files of now. */
async function taken(drill: Drill, uses: Uses): Promise<void> {
  putIdentity(drill.world.estate);
  // The timer starts this every five minutes.
  for (const member of drill.members)
    await drill.world.machine(member).exec("systemctl", "start", "etcd-refresh.service");
  const parameter = drill.world.estate.parameters.find(({ name }) => name.endsWith("/authorities"))!;
  const declared = JSON.parse(parameter.value) as AuthoritiesRecord;
  for (const member of drill.members)
    await drill.cluster.status(member, ({ ready, pki }) =>
      (["peer", "client"] as const).every((kind) => {
        const { trusted } = declared[kind];
        const issuer = trusted.find(({ number }) => number === uses.issuer)!.sha256;
        return (
          ready &&
          pki?.[kind].trusted.join() === trusted.map(({ sha256 }) => sha256).join() &&
          pki[kind].issuer === issuer
        );
      }),
    );
}

/** When each member's etcd started. */
function starts(drill: Drill): Promise<string[]> {
  const property = ["-P", "ExecMainStartTimestampMonotonic", "etcd.service"];
  return Promise.all(
    drill.members.map((member) => drill.world.machine(member).exec("systemctl", "show", ...property)),
  );
}

/** Keeps what the API servers and a member have now. */
function identities(drill: Drill, name: string): Record<"client" | "peer", Identity> {
  const { parameters, apiServer, cluster } = drill.world.estate;
  const directory = join(worldDirectory, `identities-${name}`);
  mkdirSync(directory, { recursive: true });
  const put = (file: string, content: string) => {
    writeFileSync(join(directory, file), content, { mode: 0o600 });
    return join(directory, file);
  };
  const own = memberPkiParameters(cluster, drill.members[1]!);
  const pki = (file: string) => put(file, parameters.find((each) => each.name === `${own}/${file}`)!.value);
  const files = (file: string) => put(`client-${file}`, apiServer.files[file]!);
  return {
    client: { ca: files("ca.crt"), cert: files("client.crt"), key: files("client.key") },
    peer: { ca: pki(pkiFiles.peerCa), cert: pki(pkiFiles.peerCert), key: pki(pkiFiles.peerKey) },
  };
}

async function callAs(identity: Record<"client" | "peer", Identity>, drill: Drill): Promise<void> {
  for (const kind of ["client", "peer"] as const) {
    // Before the last step, servers show certificates of the second CA, which the first files do not hold.
    const ca = identities(drill, "current")[kind].ca;
    await call(drill, kind, { ...identity[kind], ca });
  }
}

/** Calls the first member's port for clients or peers. */
function call(drill: Drill, kind: "client" | "peer", { ca, cert, key }: Identity): Promise<string> {
  const address = drill.world.addressOf(drill.members[0]!);
  const [host, url] =
    kind === "client"
      ? ["apiServer", `https://${address}:2379/version`]
      : [drill.members[1]!, `https://${address}:2380/members`];
  const files = ["--cacert", ca, "--cert", cert, "--key", key];
  // With TLS 1.3, a client has sent its request before it hears that it is refused, and does not always hear why.
  return onHost(
    host,
    "curl",
    "-sS",
    "--fail",
    "--max-time",
    "5",
    "--tls-max",
    "1.2",
    "--http1.1",
    ...files,
    url,
  );
}
