import { writeFileSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { foreignIdentity } from "../../local/foreign";
import { worldDirectory } from "../../machines/space";
import type { Drill } from "../drill";
import type { Scenario } from "../scenario";

export const apiServer: Scenario = {
  name: "api-server",
  title: "a real kube-apiserver on the declared flags lives through the loss of two members, one the leader",
  needs: ["kube-apiserver"],
  async run(drill) {
    await drill.found();
    drill.doing("a stranger's API server is refused by etcd");
    await strangerRefused(drill);
    for (const endpoints of ["members", "loadBalancer"] as const) {
      await drill.declare({ apiServer: { endpoints } });
      await drill.startApiServer();
      await drill.under(
        `two members lost, one the leader, API server through ${endpoints === "members" ? "every member" : "the balancer"}`,
        async () => {
          await drill.moreWrites(20);
          const leader = await drill.leader();
          const lost = [leader, drill.members.find((member) => member !== leader)!];
          await Promise.all(lost.map((member) => drill.world.end(member, "kill")));
          await drill.moreWrites(50);
          await Promise.all(lost.map((member) => drill.world.boot(member)));
        },
        { through: "api" },
      );
      await drill.apiServer!.stop();
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
  const server = drill.newApiServer();
  server.start(drill.world.estate.apiServer.flags, directory);
  await drill.says(drill.members[0]!, "unknown authority", "etcd");
  await server.stop();
}
