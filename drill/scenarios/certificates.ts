import { onHost } from "../world/network";
import type { Drill } from "../harness/drill";
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
