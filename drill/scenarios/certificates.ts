import { cpSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { issue } from "../../record/issuer";
import { ofType } from "../../record/recording";
import { reveal } from "../../record/values";
import { until } from "../../rehearse/until";
import { onHost } from "../world/network";
import { worldDirectory } from "../world/space";
import type { Drill } from "../harness/drill";
import { identityDirectory } from "../harness/identity";
import type { Scenario } from "../harness/scenario";

export const certificateRenewed: Scenario = {
  name: "certificate-renewed",
  title: "certificates are renewed while etcd runs: new connections get the new one, nothing restarts",
  leavesWorld: true,
  async run(drill) {
    await drill.foundCluster();
    const [first] = drill.members as [string];
    const before = await Promise.all(drill.members.map((member) => runs(drill, member)));
    const [client, peer] = await served(drill, first);
    await drill.under("all leaf certificates are renewed", async () => {
      await drill.stack.renewCertificates();
      // The timer starts this every five minutes.
      for (const member of drill.members)
        await drill.world.machine(member).exec("systemctl", "start", "etcd-refresh.service");
    });
    const [newClient, newPeer] = await served(drill, first);
    if (newClient === client || newPeer === peer) throw new Error("the old certificate is still served");
    const after = await Promise.all(drill.members.map((member) => runs(drill, member)));
    if (after.join() !== before.join())
      throw new Error(`etcd was restarted: ${before.join()} → ${after.join()}`);
  },
};

export const certificatesOfApiServers: Scenario = {
  name: "certificates-of-api-servers",
  title: "a kube-apiserver's certificate ends and is renewed while it runs: it goes on without a restart",
  needs: ["kube-apiserver"],
  leavesWorld: true,
  async run(drill) {
    await drill.foundCluster();
    // Its alone: everybody else here goes on with the files that are declared.
    const identity = join(worldDirectory, "api-server-that-ends");
    cpSync(identityDirectory, identity, { recursive: true });
    await drill.apiServer.start({ identity });
    drill.doing("its certificate is one that ends");
    const end = new Date(Date.now() + 15_000);
    writeFileSync(join(identity, "client.crt"), await clientCertificate(drill, end));
    await until("the certificate's end", () => Promise.resolve(Date.now() > end.getTime() + 1000), {
      every: 500,
    });
    const [first] = drill.members as [string];
    await restart(drill, first);
    await drill.cluster.says(first, "certificate has expired", "etcd");
    await drill.under(
      "its certificate is renewed, and each member's etcd restarted",
      async () => {
        // As the kit does on its machine.
        await drill.stack.renewCertificates();
        cpSync(identityDirectory, identity, { recursive: true });
        for (const member of drill.members) await restart(drill, member);
        await drill.writer.moreWrites(20);
      },
      { through: "api" },
    );
    await drill.apiServer.stop();
  },
};

/** Restarts a member's etcd, and so ends its connections. */
async function restart(drill: Drill, member: string): Promise<void> {
  await drill.world.machine(member).exec("systemctl", "restart", "etcd");
  await drill.cluster.healthy();
}

/** A client certificate of the API servers' key that ends at this time. */
async function clientCertificate({ stack, world }: Drill, end: Date): Promise<string> {
  const certificates = ofType(stack.recording, "tls:index/selfSignedCert:SelfSignedCert");
  const authority = certificates.find(({ name }) => name.endsWith("client-ca"))!;
  const request = await issue("tls:index/certRequest:CertRequest", {
    privateKeyPem: world.estate.apiServer.files["client.key"],
    subject: { commonName: "etcd-apiserver" },
  });
  const { outputs } = await issue(
    "tls:index/locallySignedCert:LocallySignedCert",
    {
      certRequestPem: request.outputs.certRequestPem,
      caCertPem: authority.outputs.certPem,
      caPrivateKeyPem: reveal(authority.inputs.privateKeyPem),
      allowedUses: ["digital_signature", "client_auth"],
      validityPeriodHours: 1,
    },
    { now: () => new Date(end.getTime() - 3_600_000) },
  );
  return String(outputs.certPem);
}

/** The process of a member's etcd, and when it started. */
function runs(drill: Drill, member: string): Promise<string> {
  const properties = ["-P", "MainPID", "-P", "ExecMainStartTimestampMonotonic"];
  return drill.world.machine(member).exec("systemctl", "show", ...properties, "etcd.service");
}

/** Serial numbers of the certificates that a member serves to clients and peers. */
async function served(drill: Drill, member: string): Promise<[string, string]> {
  const serial = (host: string, port: number) =>
    onHost(
      host,
      "sh",
      "-c",
      `openssl s_client -connect ${drill.world.addressOf(member)}:${port} </dev/null 2>/dev/null | openssl x509 -noout -serial`,
    );
  return [await serial("apiServer", 2379), await serial(drill.members[1]!, 2380)];
}
