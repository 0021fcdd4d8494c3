import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { foreignIdentity } from "../../rehearse/foreign";
import { together } from "../faults/fault";
import { machineDies } from "../faults/machines";
import { worldDirectory } from "../world/space";
import type { Drill } from "../harness/drill";
import type { Scenario } from "../harness/scenario";

export const apiServer: Scenario = {
  name: "api-server",
  title: "a real kube-apiserver on the declared flags lives through the loss of two members, one the leader",
  needs: ["kube-apiserver"],
  leavesWorld: true,
  async run(drill) {
    await drill.foundCluster();
    drill.doing("a stranger's API server is refused by etcd");
    await strangerRefused(drill);
    for (const endpoints of ["members", "loadBalancer"] as const) {
      await drill.stack.declare({ apiServer: { endpoints } });
      await drill.apiServer.start();
      await drill.under(
        `two members lost, one the leader, API server through ${endpoints === "members" ? "every member" : "the balancer"}`,
        async () => {
          await drill.writer.moreWrites(20);
          const leader = await drill.cluster.leader();
          const lost = [leader, drill.members.find((member) => member !== leader)!];
          await drill.during(together(...lost.map(machineDies)), () => drill.writer.moreWrites(50));
        },
        { through: "api" },
      );
      await drill.apiServer.stop();
    }
  },
};

async function strangerRefused(drill: Drill): Promise<void> {
  const directory = join(worldDirectory, "stranger");
  mkdirSync(directory);
  const { cert, key } = await foreignIdentity();
  writeFileSync(join(directory, "ca.crt"), drill.world.estate.apiServer.files["ca.crt"]!);
  writeFileSync(join(directory, "client.crt"), cert);
  writeFileSync(join(directory, "client.key"), key, { mode: 0o600 });
  const server = drill.apiServer.startAs(directory);
  await drill.cluster.says(drill.members[0]!, "unknown authority", "etcd");
  await server.stop();
}
