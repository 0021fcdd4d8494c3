import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { worldDirectory } from "../world/space";
import { CommandFailed } from "../../tools/run";
import { foreignIdentity } from "../../rehearse/foreign";
import { issue } from "../../record/issuer";
import { ofType } from "../../record/recording";
import { reveal } from "../../record/values";
import { onHost } from "../world/network";
import { identityDirectory } from "../harness/identity";
import type { Drill } from "../harness/drill";
import type { Scenario } from "../harness/scenario";
import type { Stack } from "../harness/stack";

export const strangers: Scenario = {
  name: "strangers",
  title: "whoever has no business with etcd is refused, by certificate and by firewall",
  leavesWorld: true,
  async run(drill) {
    await drill.foundCluster();
    const { world } = drill;
    const address = world.addressOf(drill.members[0]!);
    const own = (file: string) => join(identityDirectory, file);
    const apiServer = ["--cert", own("client.crt"), "--key", own("client.key")];
    const client = `https://${address}:2379/version`;
    const peer = `https://${address}:2380/members`;

    drill.doing("the API server's certificate is let in; others and none are refused");
    await call(drill, "apiServer", [...apiServer, client]);
    const foreign = put("foreign", await foreignIdentity());
    const expired = put("expired", await expiredIdentity(drill.stack));
    await refused(drill, "apiServer", [client], /bad certificate|handshake failure/);
    await refused(drill, "apiServer", [...foreign, client], /unknown ca|bad certificate/);
    await refused(drill, "apiServer", [...expired, client], /expired|SSL certificate problem/);
    await drill.cluster.says(drill.members[0]!, "certificate has expired", "etcd");
    await refused(drill, "apiServer", [`http://${address}:2379/version`], /Empty reply|400|reset/);

    drill.doing("strangers to peers, from a member's machine: the firewall lets members through");
    const second = drill.members[1]!;
    await refused(drill, second, [peer], /bad certificate|handshake failure/);
    await refused(drill, second, [...foreign, peer], /unknown ca|bad certificate/);
    await refused(drill, second, [...apiServer, peer], /unknown ca|bad certificate/);
    await refused(drill, second, [`http://${address}:2380/members`], /Empty reply|400|reset/);

    drill.doing("a stranger's address reaches no port, with whatever certificate");
    const ports = [2379, 2380, 2381].map((port) => `http://${address}:${port}/`);
    for (const url of ports) await unreachable(drill, "stranger", url);
    await unreachable(drill, "apiServer", `http://${address}:2380/`);
    await unreachable(drill, "monitoring", `http://${address}:2379/`);
    await call(drill, "monitoring", [`http://${address}:2381/readyz`]);

    drill.doing("control: without the members' rules, the same look sees an open port");
    const { machines } = world.estate;
    await world.applyFirewall(
      ({ direction, group }) => direction === "out" || !machines[0]!.securityGroups.includes(group),
    );
    await call(drill, "stranger", [`http://${address}:2381/readyz`]);
    drill.seen({ what: "eleven strangers refused, the open port of the control seen" });
  },
};

/** Puts a certificate and key where curl can read them. */
function put(name: string, { cert, key }: { cert: string; key: string }): string[] {
  const files = [`${name}.crt`, `${name}.key`].map((file) => join(worldDirectory, file));
  writeFileSync(files[0]!, cert);
  writeFileSync(files[1]!, key, { mode: 0o600 });
  return ["--cert", files[0]!, "--key", files[1]!];
}

/** A client certificate of the cluster's own CA that expired yesterday. */
async function expiredIdentity({ recording }: Stack): Promise<{ cert: string; key: string }> {
  const [ca] = ofType(recording, "tls:index/selfSignedCert:SelfSignedCert").filter(({ inputs }) =>
    String((inputs.subject as { commonName: string }).commonName).includes("client"),
  );
  const { outputs: key } = await issue("tls:index/privateKey:PrivateKey", {
    algorithm: "ECDSA",
    ecdsaCurve: "P256",
  });
  const { outputs: request } = await issue("tls:index/certRequest:CertRequest", {
    privateKeyPem: key.privateKeyPem,
    subject: { commonName: "late" },
  });
  const { outputs: certificate } = await issue(
    "tls:index/locallySignedCert:LocallySignedCert",
    {
      certRequestPem: request.certRequestPem,
      caCertPem: ca!.outputs.certPem,
      caPrivateKeyPem: reveal(ca!.inputs.privateKeyPem),
      allowedUses: ["digital_signature", "client_auth"],
      validityPeriodHours: 24,
    },
    { now: () => new Date(Date.now() - 48 * 3_600_000) },
  );
  return { cert: String(certificate.certPem), key: String(key.privateKeyPem) };
}

function call(drill: Drill, host: string, args: readonly string[]): Promise<string> {
  // The server's identity does not matter here. With TLS 1.3, a client has sent its request before it hears that it is
  // refused, and does not always hear why.
  const options = ["-sS", "--insecure", "--fail", "--max-time", "5", "--tls-max", "1.2"];
  return onHost(host, "curl", ...options, ...args);
}

async function refused(drill: Drill, host: string, args: readonly string[], reason: RegExp): Promise<void> {
  const said = await call(drill, host, args).then(
    (answer) => Promise.reject(new Error(`${args.at(-1)} answered ${host}: ${answer}`)),
    (error: Error) => (error instanceof CommandFailed ? error.said : Promise.reject(error)),
  );
  if (!reason.test(said))
    throw new Error(`${args.at(-1)} refused ${host} for another reason than ${String(reason)}: ${said}`);
}

async function unreachable(drill: Drill, host: string, url: string): Promise<void> {
  await refused(drill, host, ["--connect-timeout", "1", url], /timed out|Timeout was reached/);
}
